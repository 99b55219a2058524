import { receiverWalletMachine } from '@libs/domain';
import { err, newId, ok, type Result } from '@libs/kernel';
import type { Memo } from '@libs/ledger';
import type { TenantTx } from '@libs/persistence';

import { AddressOwners } from './address-owners.repository';

export interface GivenAddress {
  readonly address: string;
  readonly memo: Memo | null;
}

export interface AddressChange {
  readonly address: string;
  /** Null takes the memo away; left out, it stays. */
  readonly memo?: Memo | null;
}

/** Which ledger address belongs to whom, where staff and not the person's wallet say so. */
export class ReceiverAddresses {
  private readonly owners = new AddressOwners();

  /** *register* at the user-managed wallet. The receiver wallet's id, or that the address is somebody else's. */
  async register(
    tx: TenantTx,
    receiverId: string,
    walletId: string,
    { address, memo }: GivenAddress,
  ): Promise<Result<string, 'taken'>> {
    if (!(await this.owners.claim(tx, address, receiverId))) return err('taken');
    const id = newId();
    const status = receiverWalletMachine.targetOf('register');
    await tx.execute(
      `INSERT INTO receivers.receiver_wallets
         (tenant_id, id, receiver_id, wallet_id, status, status_history, stellar_address, stellar_memo, stellar_memo_type)
       VALUES ($1, $2, $3, $4, $5, history_entry($5, $6, ''), $7, $8, $9)`,
      [
        tx.tenantId,
        id,
        receiverId,
        walletId,
        status,
        tx.actor,
        address,
        memo?.value ?? null,
        memo?.type ?? null,
      ],
    );
    return ok(id);
  }

  /** Another address for a registered wallet. False when it is somebody else's. What was dispatched goes where it was sent. */
  async change(
    tx: TenantTx,
    wallet: { readonly id: string; readonly receiverId: string },
    { address, memo }: AddressChange,
  ): Promise<boolean> {
    if (!(await this.owners.claim(tx, address, wallet.receiverId))) return false;
    await tx.execute(
      `UPDATE receivers.receiver_wallets
          SET stellar_address = $3,
              stellar_memo = CASE WHEN $4 THEN $5 ELSE stellar_memo END,
              stellar_memo_type = CASE WHEN $4 THEN $6 ELSE stellar_memo_type END, updated_at = now()
        WHERE tenant_id = $1 AND id = $2`,
      [tx.tenantId, wallet.id, address, memo !== undefined, memo?.value ?? null, memo?.type ?? null],
    );
    await this.owners.letGo(tx, wallet.receiverId);
    return true;
  }

  /** *unregister*: REGISTERED → READY, with all that its registration left. False when it was not registered. */
  async unregister(
    tx: TenantTx,
    wallet: { readonly id: string; readonly receiverId: string },
  ): Promise<boolean> {
    const target = receiverWalletMachine.targetOf('unregister');
    const moved = await tx.execute(
      `UPDATE receivers.receiver_wallets
          SET status = $3, status_history = status_history || history_entry($3, $4, ''), stellar_address = NULL,
              stellar_memo = NULL, stellar_memo_type = NULL, otp_confirmed_at = NULL, otp_confirmed_with = NULL,
              deposit_id = NULL, invitation_sent_at = NULL, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status = ANY($5)`,
      [tx.tenantId, wallet.id, target, tx.actor, receiverWalletMachine.sourcesOf('unregister')],
    );
    if (moved === 0) return false;
    await tx.execute(
      `DELETE FROM receivers.one_time_codes WHERE tenant_id = $1 AND receiver_wallet_id = $2`,
      [tx.tenantId, wallet.id],
    );
    await this.owners.letGo(tx, wallet.receiverId);
    return true;
  }
}
