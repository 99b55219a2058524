import { receiverWalletMachine } from '@libs/domain';
import type { TenantTx } from '@libs/persistence';

/** Moves of receiver wallets that disbursements cause. */
export class ReceiverWalletMoves {
  /** *invite*: DRAFT → READY. Returns those of `ids` that can be invited now: READY, newly or from before. */
  async invite(tx: TenantTx, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const target = receiverWalletMachine.targetOf('invite');
    await tx.execute(
      `UPDATE receivers.receiver_wallets w
          SET status = $3, status_history = w.status_history || history_entry($3, $4, ''), updated_at = now()
         FROM (SELECT id FROM receivers.receiver_wallets
                WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = ANY($5) ORDER BY id FOR UPDATE) chosen
        WHERE w.tenant_id = $1 AND w.id = chosen.id`,
      [tx.tenantId, ids, target, tx.actor, receiverWalletMachine.sourcesOf('invite')],
    );
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM receivers.receiver_wallets WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = $3`,
      [tx.tenantId, ids, target],
    );
    return rows.map((row) => row.id);
  }
}
