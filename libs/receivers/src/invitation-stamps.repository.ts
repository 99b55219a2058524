import type { TenantTx } from '@libs/persistence';

/** When receiver wallets were invited. */
export class InvitationStampsRepository {
  /** A provider accepted an invitation of these receiver wallets: the first time is kept, the last time moves. */
  async invited(tx: TenantTx, receiverWalletIds: readonly string[]): Promise<void> {
    if (receiverWalletIds.length === 0) return;
    // In one order everywhere, so that two writers of the same rows never wait for each other.
    await tx.execute(
      `UPDATE receivers.receiver_wallets rw
          SET invited_at = coalesce(invited_at, now()), invitation_sent_at = coalesce(invitation_sent_at, now()),
              last_message_sent_at = now(), updated_at = now()
         FROM (SELECT id FROM receivers.receiver_wallets
                WHERE tenant_id = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR NO KEY UPDATE) AS locked
        WHERE rw.tenant_id = $1 AND rw.id = locked.id`,
      [tx.tenantId, receiverWalletIds],
    );
  }
}
