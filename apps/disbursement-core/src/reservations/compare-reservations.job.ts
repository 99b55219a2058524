import { feeReserveFor, type NeededFunds, type PromisedFundsRead } from '@libs/disbursements';
import { formatAmount, XLM } from '@libs/kernel';
import { type Logger, newTrace } from '@libs/observability';
import type { UnitOfWork } from '@libs/persistence';
import type { Finding, FindingRepository } from '@libs/submissions';

const FOUND_BY = 'system:disbursement-core';

/**
 * Compares what is promised of each account's balance with what its open payments need. A difference that two comparisons in
 * a row show is a finding; it closes by itself when it is gone.
 */
export class CompareReservationsJob {
  static readonly jobName = 'core-compare-reservations';
  static readonly everyMs = 300_000;

  private seen: ReadonlySet<string> = new Set();

  constructor(
    private readonly parts: {
      readonly unit: UnitOfWork;
      readonly funds: PromisedFundsRead;
      readonly findings: FindingRepository;
      readonly logger: Logger;
      /** In stroops per operation, for fees of which nobody has kept at which rate they were promised. */
      readonly maxBaseFee: number;
    },
  ) {}

  async run(): Promise<void> {
    const { unit, funds, findings, logger } = this.parts;
    const { promised, needed } = await unit.runSystem('what is promised, beside what is open', (tx) =>
      funds.read(tx),
    );
    const sums = new Map(promised.map(({ account, asset }) => [`${account} ${asset}`, 0n]));
    const add = (account: string, asset: string, amount: bigint): void => {
      sums.set(`${account} ${asset}`, (sums.get(`${account} ${asset}`) ?? 0n) + amount);
    };
    const names = await this.namesOf(needed);
    for (const { account, tenantId, assetId, amount, payments, baseFee } of needed) {
      add(account, names.get(`${tenantId} ${assetId}`) ?? assetId, amount);
      add(account, XLM.code, feeReserveFor(payments, baseFee ?? this.parts.maxBaseFee));
    }
    const kept = new Map(promised.map((one) => [`${one.account} ${one.asset}`, one.promised]));
    const found = [...sums].flatMap(([place, sum]) => findingOf(place, kept.get(place) ?? 0n, sum));
    const again = found.filter(({ subject }) => this.seen.has(subject));
    this.seen = new Set(found.map(({ subject }) => subject));
    const fresh = await unit.runSystem('reservations that do not add up', async (tx) => {
      const open = await findings.open(tx, { kinds: ['reservation'] });
      const gone = open.map(({ subject }) => subject).filter((subject) => !this.seen.has(subject));
      await findings.close(tx, 'reservation', gone, FOUND_BY);
      return await findings.report(tx, again);
    });
    for (const { subject, details } of fresh)
      logger.error({ subject, ...details }, 'what is promised is not what open payments need');
  }

  private async namesOf(needed: readonly NeededFunds[]): Promise<ReadonlyMap<string, string>> {
    const { unit, funds } = this.parts;
    const names = new Map<string, string>();
    for (const tenantId of new Set(needed.map((one) => one.tenantId))) {
      const own = await unit.run({ tenantId, actor: FOUND_BY, trace: newTrace() }, (tx) =>
        funds.assetNames(tx),
      );
      for (const [assetId, name] of own) names.set(`${tenantId} ${assetId}`, name);
    }
    return names;
  }
}

/** Another difference at the same place is another finding. */
function findingOf(place: string, promised: bigint, needed: bigint): readonly Finding[] {
  if (promised === needed) return [];
  const [account = '', asset = ''] = place.split(' ');
  const isShort = promised < needed;
  const difference = isShort ? needed - promised : promised - needed;
  return [
    {
      kind: 'reservation',
      subject: `${place} ${isShort ? '-' : '+'}${formatAmount(difference)}`,
      tenantId: null,
      details: {
        account,
        asset,
        promised: formatAmount(promised),
        needed: formatAmount(needed),
        [isShort ? 'too_little' : 'too_much']: formatAmount(difference),
      },
    },
  ];
}
