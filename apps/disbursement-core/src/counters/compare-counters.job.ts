import type { CountedDisbursement, KeptCountersRead, WrongCounter } from '@libs/disbursements';
import { eachTenant } from '@libs/eventing';
import { formatAmount, LOWEST_ID } from '@libs/kernel';
import type { Logger } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { Finding, FindingRepository } from '@libs/submissions';

const FOUND_BY = 'system:disbursement-core';
const START = { tenantId: LOWEST_ID, id: LOWEST_ID };
const DISBURSEMENTS_PER_RUN = 1_000;
/** Reading so many takes about a second. A larger disbursement is compared alone. */
const PAYMENTS_PER_RUN = 1_000_000;

/**
 * Proves the counters of disbursements against their payments, some of them per run, round and round. A difference is a finding;
 * it closes by itself when a later round finds it gone.
 */
export class CompareCountersJob {
  static readonly jobName = 'core-compare-counters';
  static readonly everyMs = 60_000;

  /** Where the round stands. Lost with the process: then it starts again. */
  private after: { readonly tenantId: string; readonly id: string } = START;

  constructor(
    private readonly parts: {
      readonly unit: UnitOfWork;
      readonly counters: KeptCountersRead;
      readonly findings: FindingRepository;
      readonly logger: Logger;
    },
  ) {}

  async run(): Promise<void> {
    const { unit, counters, logger } = this.parts;
    const next = await unit.runSystem('disbursements whose counters are compared', (tx) =>
      counters.next(tx, this.after, DISBURSEMENTS_PER_RUN),
    );
    const some = asManyAsOneRunTakes(next);
    await eachTenant({ name: CompareCountersJob.jobName, logger }, some, async (one) => {
      // Also behind one that fails: it has its turn again in the next round.
      this.after = one;
      await this.compare(one);
    });
    if (some.length === next.length && next.length < DISBURSEMENTS_PER_RUN) this.after = START;
  }

  private async compare(disbursement: CountedDisbursement): Promise<void> {
    const { unit, counters, findings, logger } = this.parts;
    await unit.runSystem('counters of a disbursement beside its payments', async (tx) => {
      await tx.onOneProcessor();
      const wrong = await counters.wrong(tx, disbursement);
      if (wrong.length === 0) {
        await findings.close(tx, 'disbursement-counter', [disbursement.id], FOUND_BY);
        return;
      }
      const fresh = await findings.report(tx, [findingOf(disbursement, wrong)]);
      for (const { subject, details } of fresh) {
        logger.error(
          { disbursementId: subject, ...details },
          'the counters of a disbursement are not its payments',
        );
      }
    });
  }
}

/** The first one in any case, and those behind it up to the bound. */
function asManyAsOneRunTakes(next: readonly CountedDisbursement[]): readonly CountedDisbursement[] {
  let payments = 0;
  const end = next.findIndex((one, index) => {
    payments += one.payments;
    return index > 0 && payments > PAYMENTS_PER_RUN;
  });
  return end === -1 ? next : next.slice(0, end);
}

function findingOf({ tenantId, id }: CountedDisbursement, wrong: readonly WrongCounter[]): Finding {
  const details = wrong.map(({ status, keptCount, count, keptAmount, amount }) => [
    status.toLowerCase(),
    `counted ${String(keptCount)} (${formatAmount(keptAmount)}), there are ${String(count)} (${formatAmount(amount)})`,
  ]);
  return {
    kind: 'disbursement-counter',
    subject: id,
    tenantId,
    details: Object.fromEntries(details) as Record<string, string>,
  };
}
