import type { TenantTx } from '@libs/persistence';

export interface OldMessage {
  readonly id: string;
  /** False for the invitations of people who may still come: how often they were reminded must stay known. */
  readonly may_go: boolean;
}

/** Finds messages that have been kept long enough. */
export class OldMessagesReadModel {
  /** The next messages older than these days, in the order of their ids, which is the order of their making. */
  async after(
    tx: TenantTx,
    after: string | null,
    limit: { readonly days: number; readonly rows: number },
  ): Promise<OldMessage[]> {
    return await tx.query<OldMessage>(
      `SELECT m.id, m.kind <> 'invitation' OR NOT EXISTS (
                SELECT FROM receivers.receiver_wallets rw
                 WHERE rw.tenant_id = $1 AND rw.id = m.receiver_wallet_id AND rw.status <> 'REGISTERED'
                   AND EXISTS (SELECT FROM disbursements.payments p
                                WHERE p.tenant_id = $1 AND p.receiver_wallet_id = rw.id
                                  AND p.status IN ('DRAFT', 'READY', 'PAUSED'))) AS may_go
         FROM (SELECT id, kind, receiver_wallet_id, created_at FROM messages.messages
                WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $4) AS m
        WHERE m.created_at < now() - make_interval(days => $3)
        ORDER BY m.id`,
      [tx.tenantId, after, limit.days, limit.rows],
    );
  }
}
