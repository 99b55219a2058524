import { type Benchmark, type BenchmarkReport, quantileOf, rounded } from './benchmark';
import { checkPaidOnce, fundedPayees, setPaceAndWait, stateBefore } from './system/drain';
import type { Payee } from './system/payees';
import { ledgersPass, queued } from './system/waiting';
import { PaymentSystem } from './system/payment-system';
import { PUBLIC, QUICK, UNLIMITED } from './system/sandbox-network';

const CHANNELS = 100;
const SMALL_TENANTS = 20;
const PAYMENTS_OF_SMALL = 10;
const LEDGERS_ALLOWED = 2;
const PATIENCE_MS = 150_000;
/** The big one's first ledgers are full by then. */
const LEDGERS_BEFORE = 2;

/**
 * Twenty organisations with ten payments each, alone and then beside one that has very many queued: how much later the last of their
 * payments is told. Everybody is paid in the end, the big one on a ledger without limits, or there is no figure.
 */
export const fairnessBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await PaymentSystem.start({ channels: CHANNELS, tell, profileFolder });
  const { network, dispatcher } = system;
  const pace = quick ? QUICK : PUBLIC;
  try {
    const big = await system.addTenant('big');
    const small: string[] = [];
    for (let index = 0; index < SMALL_TENANTS; index += 1) {
      small.push(await system.addTenant(`small-${letterOf(index)}`));
    }
    const payees = await fundedPayees(system, n + 2 * SMALL_TENANTS * PAYMENTS_OF_SMALL);
    const [alone, beside] = [partOf(payees, 0), partOf(payees, 1)];
    const ofBig = payees.slice(-n);
    const before = await stateBefore(system);
    await setPaceAndWait(system, pace);
    dispatcher.forget();
    await dispatchSmall(system, small, alone);
    await dispatcher.completion(alone.length, PATIENCE_MS);
    const idle = slowest(dispatcher.latencies(alone));
    tell(`alone: the slowest took ${String(Math.round(idle))} ms`);
    await dispatcher.dispatch(big, ofBig);
    await queued(system, before.submissions + alone.length + n);
    await ledgersPass(system, LEDGERS_BEFORE);
    await dispatchSmall(system, small, beside);
    await told(system, beside);
    const busy = slowest(dispatcher.latencies(beside));
    const toGo = payees.length - dispatcher.completed;
    tell(`beside ${String(toGo)} payments of another: ${String(Math.round(busy))} ms`);
    await network.setPace(UNLIMITED);
    await dispatcher.completion(payees.length, PATIENCE_MS);
    await checkPaidOnce(system, before, payees);
    return {
      id: 'fairness',
      n,
      metrics: {
        idleMs: rounded(idle),
        besideMs: rounded(busy),
        paymentsOfTheBigOneLeft: toGo,
        ledgersLater: rounded((busy - idle) / pace.closeMs, 2),
      },
      targets: { ledgersLater: { atMost: LEDGERS_ALLOWED } },
    };
  } finally {
    await system.stop();
  }
};

const letterOf = (index: number): string => String.fromCharCode('a'.charCodeAt(0) + index);

const partOf = (payees: readonly Payee[], part: number): readonly Payee[] =>
  payees.slice(part * SMALL_TENANTS * PAYMENTS_OF_SMALL, (part + 1) * SMALL_TENANTS * PAYMENTS_OF_SMALL);

const slowest = (latencies: readonly number[]): number => quantileOf(latencies, 1);

async function dispatchSmall(
  { dispatcher }: PaymentSystem,
  tenants: readonly string[],
  payees: readonly Payee[],
): Promise<void> {
  await Promise.all(
    tenants.map((tenantId, index) =>
      dispatcher.dispatch(tenantId, payees.slice(index * PAYMENTS_OF_SMALL, (index + 1) * PAYMENTS_OF_SMALL)),
    ),
  );
}

async function told({ dispatcher }: PaymentSystem, payees: readonly Payee[]): Promise<void> {
  while (dispatcher.latencies(payees).length < payees.length) {
    // Throws when nothing at all goes on.
    await dispatcher.completion(dispatcher.completed + 1, PATIENCE_MS);
  }
}
