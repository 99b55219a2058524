import type { ReceiverWalletStatus } from '@libs/contracts';
import { receiverWalletMachine } from '@libs/domain';
import { newId } from '@libs/kernel';
import type { TenantTx } from '@libs/persistence';

import { ArrivingAddresses } from './arriving-addresses.repository';
import { isPublished } from './arriving-people.read-model';

/** Who is to be paid, by the one thing that the caller knows. E-mail addresses in lower case. */
export type PayeeReference =
  | { readonly by: 'id'; readonly value: string }
  | { readonly by: 'email'; readonly value: string }
  | { readonly by: 'phone_number'; readonly value: string }
  | { readonly by: 'stellar_address'; readonly value: string };

export interface PayeeWallet {
  readonly id: string;
  readonly status: ReceiverWalletStatus;
  /** Null before the person has registered. */
  readonly address: string | null;
}

/** Finds the one person of a direct payment, and where they take it. */
export class PayeesRepository {
  private readonly arriving = new ArrivingAddresses();

  /** The receiver's id; null when nobody is known by that. */
  async find(tx: TenantTx, { by, value }: PayeeReference): Promise<string | null> {
    const sql =
      by === 'stellar_address'
        ? `SELECT receiver_id AS id FROM receivers.address_owners o WHERE tenant_id = $1 AND stellar_address = $2 AND ${isPublished('o')}`
        : `SELECT id FROM receivers.receivers r WHERE tenant_id = $1 AND ${by} = $2 AND ${isPublished('r')}`;
    return (await tx.queryOne<{ id: string }>(sql, [tx.tenantId, value]))?.id ?? null;
  }

  /**
   * Null when the person has none at this provider, or one that only a file brought which is not published yet. Until the commit it is
   * neither flagged nor unregistered.
   */
  async wallet(tx: TenantTx, receiverId: string, walletId: string): Promise<PayeeWallet | null> {
    await this.arriving.foldOf(tx, receiverId);
    return await tx.queryOne<PayeeWallet & Record<string, unknown>>(
      `SELECT id, status, stellar_address AS address FROM receivers.receiver_wallets w
        WHERE tenant_id = $1 AND receiver_id = $2 AND wallet_id = $3 AND ${isPublished('w')} FOR SHARE OF w`,
      [tx.tenantId, receiverId, walletId],
    );
  }

  /** Whether the person could prove who they are at a registration. */
  async canRegister(tx: TenantTx, receiverId: string): Promise<boolean> {
    const row = await tx.queryOne(
      `SELECT FROM receivers.verifications v WHERE tenant_id = $1 AND receiver_id = $2 AND ${isPublished('v')} LIMIT 1`,
      [tx.tenantId, receiverId],
    );
    return row !== null;
  }

  /**
   * A receiver wallet in DRAFT at this provider, or the one that came in between. One that a file brought is the organisation's from now
   * on, whatever becomes of the file.
   */
  async addWallet(tx: TenantTx, receiverId: string, walletId: string): Promise<void> {
    const [status = 'DRAFT'] = receiverWalletMachine.initial;
    await tx.execute(
      `INSERT INTO receivers.receiver_wallets AS w (tenant_id, id, receiver_id, wallet_id, status, status_history)
       VALUES ($1, $2, $3, $4, $5, history_entry($5, $6, '')) ON CONFLICT (tenant_id, receiver_id, wallet_id)
       DO UPDATE SET brought_by = NULL, shared_with = NULL WHERE w.brought_by IS NOT NULL`,
      [tx.tenantId, newId(), receiverId, walletId, status, tx.actor],
    );
  }
}
