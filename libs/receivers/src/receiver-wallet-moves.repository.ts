import type { ReceiverWalletStatus } from '@libs/contracts';
import { receiverWalletMachine } from '@libs/domain';
import { LOWEST_ID } from '@libs/kernel';
import { ofNamedRows, type TenantTx } from '@libs/persistence';

import { ArrivingAddresses } from './arriving-addresses.repository';

/** A receiver wallet as who changes it finds it. */
export interface LockedReceiverWallet {
  readonly id: string;
  readonly receiverId: string;
  readonly walletId: string;
  readonly status: ReceiverWalletStatus;
  readonly isUserManaged: boolean;
  readonly createdAt: Date;
  /** Null while nobody has registered it. */
  readonly address: string | null;
  readonly memo: string | null;
}

/** Moves of receiver wallets that disbursements and staff cause. */
export class ReceiverWalletMoves {
  private readonly arriving = new ArrivingAddresses();

  /** Locked until the end of the database transaction: a dispatch of its payments waits. Null for an unknown one. */
  async lock(tx: TenantTx, id: string): Promise<LockedReceiverWallet | null> {
    await this.arriving.fold(tx, [id]);
    return await tx.queryOne<LockedReceiverWallet & Record<string, unknown>>(
      `SELECT w.id, w.receiver_id AS "receiverId", w.wallet_id AS "walletId", w.status, w.created_at AS "createdAt",
              p.user_managed AS "isUserManaged", w.stellar_address AS address, w.stellar_memo AS memo
         FROM receivers.receiver_wallets w JOIN catalogue.wallets p ON p.tenant_id = w.tenant_id AND p.id = w.wallet_id
        WHERE w.tenant_id = $1 AND w.id = $2 FOR UPDATE OF w`,
      [tx.tenantId, id],
    );
  }

  /** *register* some whose addresses a published upload brought. False: none of it waits for that. */
  async registerArrived(tx: TenantTx, uploadId: string): Promise<boolean> {
    return (await this.arriving.foldSome(tx, uploadId, LOWEST_ID)) !== null;
  }

  /** Forgets that an invitation was sent: the next one is due. */
  async forgetInvitation(tx: TenantTx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE receivers.receiver_wallets SET invitation_sent_at = NULL, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, id],
    );
  }

  /** *invite*: DRAFT → READY. Returns those of `ids` that can be invited now: READY, newly or from before. */
  async invite(tx: TenantTx, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const target = receiverWalletMachine.targetOf('invite');
    const moved = await tx.execute(
      `WITH chosen AS (
         SELECT id FROM receivers.receiver_wallets
          WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ${ofNamedRows('status = ANY($5)')} ORDER BY id FOR UPDATE)
       UPDATE receivers.receiver_wallets w
          SET status = $3, status_history = w.status_history || (SELECT history_entry($3, $4, '')), updated_at = now()
        WHERE w.tenant_id = $1 AND w.id = ANY(ARRAY(SELECT id FROM chosen))`,
      [tx.tenantId, ids, target, tx.actor, receiverWalletMachine.sourcesOf('invite')],
    );
    if (moved === ids.length) return ids;
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM receivers.receiver_wallets WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND ${ofNamedRows('status = $3')}`,
      [tx.tenantId, ids, target],
    );
    return rows.map((row) => row.id);
  }
}
