import { messageMachine } from '@libs/domain';
import type { TenantTx } from '@libs/persistence';

import { MESSAGES_TABLE } from './message.repository';

/** Forgets messages, for good. */
export class OldMessagesRepository {
  /** Deletes those of these messages that have ended; answers how many they were. */
  async forget(tx: TenantTx, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return await tx.execute(
      `DELETE FROM ${MESSAGES_TABLE} WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = ANY($3)`,
      [tx.tenantId, ids, messageMachine.states.filter((state) => messageMachine.isFinal(state))],
    );
  }

  /** Deletes at most `limit` of what DRY_RUN kept for longer than these days; answers how many they were. */
  async forgetDryRun(tx: TenantTx, days: number, limit: number): Promise<number> {
    return await tx.execute(
      `DELETE FROM messages.dry_run_outbox WHERE tenant_id = $1 AND id IN (
         SELECT id FROM (SELECT id, sent_at FROM messages.dry_run_outbox WHERE tenant_id = $1 ORDER BY id LIMIT $3) AS first
          WHERE sent_at < now() - make_interval(days => $2))`,
      [tx.tenantId, days, limit],
    );
  }
}
