import { type Benchmark, type BenchmarkReport, mustBe, quantileOf, rounded } from './benchmark';
import { peopleFile } from './people';
import { MainJobSystem } from './system/main-job';
import { type LedgerPace, PUBLIC, UNLIMITED } from './system/sandbox-network';
import { type SmallTenant, SmallTenants, type StartedDisbursement } from './system/small-tenants';

const CHANNELS = 100;
const SMALL_TENANTS = 20;
const PAYMENTS_OF_SMALL = 10;
const LEDGERS_ALLOWED = 2;
const QUICK: LedgerPace = { closeMs: 1_000, capacity: 500 };
/** The large one's first ledgers are full by then. */
const PAID_BEFORE = 1_500;

/**
 * Twenty organisations with ten payments each, from the start of their disbursements to their payments, alone and then beside one that
 * has uploaded and started a very large file. In the end everybody is paid once, on a ledger without limits, or there is no figure.
 */
export const tenantsBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await MainJobSystem.start({ channels: CHANNELS, tell, profileFolder });
  const small = new SmallTenants(system);
  const { network } = system;
  const pace = quick ? QUICK : PUBLIC;
  try {
    const tenants: SmallTenant[] = [];
    for (let index = 0; index < SMALL_TENANTS; index += 1) tenants.push(await small.add(nameOf(index)));
    const file = peopleFile(n, 0);
    const owed = new Map(await system.register(file));
    const payees = [0, 1].map(() => tenants.map(() => small.prepare(PAYMENTS_OF_SMALL)));
    for (const one of payees.flat(2)) owed.set(one.destination, one.amount);
    await network.createAccounts(payees.flat(2).map(({ destination }) => destination));
    const startAll = async (round: number): Promise<readonly StartedDisbursement[]> => {
      const started: StartedDisbursement[] = [];
      for (const [index, tenant] of tenants.entries()) {
        started.push(await small.start(tenant, payees[round]?.[index] ?? []));
      }
      return started;
    };
    const afterLedger = await network.latestLedger();
    const balance = await network.balanceOf(system.payer);
    await network.setPace(pace);
    const idle = quantileOf(await small.latencies(await startAll(0)), 0.99);
    tell(`alone: 99 of 100 payments took at most ${String(Math.round(idle))} ms`);
    const id = await system.publish(file);
    await system.staff.setStatus(id, 'STARTED');
    const before = Math.min(PAID_BEFORE, Math.ceil(n / 10));
    await system.until(id, 'the large one is being paid', `count_success >= ${String(before)}`);
    const beside = quantileOf(await small.latencies(await startAll(1)), 0.99);
    const row = await system.staff.postgres.one(
      `SELECT open FROM disbursements.disbursements WHERE id = $1`,
      [id],
    );
    const left = Number(row['open']);
    tell(`beside ${String(left)} payments of another: ${String(Math.round(beside))} ms`);
    await network.setPace(UNLIMITED);
    await system.until(id, 'everybody is paid', `status = 'COMPLETED'`);
    await system.checkPaid(id, owed, { afterLedger, balance, others: 2 * SMALL_TENANTS * PAYMENTS_OF_SMALL });
    // A quick run is so small that a slow machine may be done with it by then; its figure says nothing then.
    if (!quick) mustBe('whether the large one was still being paid', left > 0, true);
    return {
      id: 'tenants',
      n,
      metrics: {
        idleP99Ms: rounded(idle),
        besideP99Ms: rounded(beside),
        paymentsOfTheLargeOneLeft: left,
        ledgersLater: rounded((beside - idle) / pace.closeMs, 2),
      },
      targets: { ledgersLater: { atMost: LEDGERS_ALLOWED } },
    };
  } finally {
    await small.stop();
    await system.stop();
  }
};

const nameOf = (index: number): string => `small-${String.fromCharCode('a'.charCodeAt(0) + index)}`;
