import type { Logger } from '@libs/observability';

/** Who works, for the log. */
export interface TenantJob {
  readonly name: string;
  readonly logger: Pick<Logger, 'error'>;
}

/** Works for one tenant after the other, in this order. What fails for one is logged and keeps nobody else from their turn. */
export async function eachTenant<Turn extends string | { readonly tenantId: string }>(
  job: TenantJob,
  turns: readonly Turn[],
  work: (turn: Turn) => Promise<void>,
): Promise<void> {
  for (const turn of turns) {
    try {
      await work(turn);
    } catch (error) {
      const tenantId = typeof turn === 'string' ? turn : turn.tenantId;
      job.logger.error({ error, tenantId, job: job.name }, 'a job failed for a tenant');
    }
  }
}
