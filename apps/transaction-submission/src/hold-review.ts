import type { Holds } from '@libs/submissions';

import { asTenant, type EngineContext } from './engine-context';

const FUNDS_CODES = ['ledger:op_underfunded', 'ledger:tx_insufficient_balance'];
/** A held tenant is tried again after this, with a single attempt: whoever mended the account need not tell us. */
const FUNDS_RETRY_SECONDS = 60;
const OTHER_RETRY_SECONDS = 600;

/** Lifts the holds that we laid on tenants ourselves, after a while. The next failure lays them again. */
export class HoldReview {
  constructor(
    private readonly context: Pick<EngineContext, 'uow' | 'logger'>,
    private readonly holds: Holds,
  ) {}

  async run(): Promise<void> {
    const { uow, logger } = this.context;
    const due = await uow.runSystem('holds that were laid because of the ledger', (tx) =>
      tx.query<{ tenant_id: string; reason: string }>(
        `SELECT tenant_id, reason FROM submissions.holds
          WHERE subject_type = 'tenant' AND starts_with(reason, 'ledger:')
            AND created_at < now() - make_interval(secs => CASE WHEN reason = ANY($1) THEN $2::float8 ELSE $3::float8 END)
          LIMIT 1000`,
        [FUNDS_CODES, FUNDS_RETRY_SECONDS, OTHER_RETRY_SECONDS],
      ),
    );
    for (const { tenant_id: tenantId, reason } of due) {
      await uow.run(asTenant(tenantId), (tx) =>
        this.holds.release(tx, { type: 'tenant', id: tenantId }, reason),
      );
      logger.info({ tenantId, reason }, 'a held tenant is tried again');
    }
  }
}
