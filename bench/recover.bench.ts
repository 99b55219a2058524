import { type Benchmark, type BenchmarkReport, InvariantFailedError, rounded } from './benchmark';
import { checkPaidOnce, fundedPayees, setPaceAndWait, stateBefore } from './system/drain';
import { ledgersToFullSpeed } from './system/full-speed';
import { ledgersPass, queued } from './system/waiting';
import { PaymentSystem } from './system/payment-system';
import { PUBLIC, QUICK, UNLIMITED } from './system/sandbox-network';

/** Fewer in the quick run, so that at the kill most payments still wait to be sent: each carries a hundred of them. */
const CHANNELS = { full: 100, quick: 10 };
/** The first ledger is full by then, and others are under way. */
const LEDGERS_BEFORE_KILL = 2;
/** Long enough that what was sent before the kill, two ledgers of it, is through long before. */
const LEDGERS_WATCHED = 6;
const LEDGER_PAYMENTS = 900;
const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 150_000;

/**
 * kill −9 in the middle of many payments: how soon after its start the next process sends the first envelope, and how many ledgers
 * it takes until they are as full as before, and stay so. The rest is drained, and everybody was paid once, or there is no figure.
 */
export const recoverBenchmark: Benchmark = async ({
  n,
  quick,
  tell,
  profileFolder,
}): Promise<BenchmarkReport> => {
  const system = await PaymentSystem.start({
    channels: quick ? CHANNELS.quick : CHANNELS.full,
    tell,
    profileFolder,
  });
  const { network, dispatcher } = system;
  const pace = quick ? QUICK : PUBLIC;
  try {
    const tenantId = await system.addTenant('bench');
    const payees = await fundedPayees(system, n);
    const before = await stateBefore(system);
    await setPaceAndWait(system, pace);
    dispatcher.forget();
    await dispatcher.dispatch(tenantId, payees);
    await queued(system, n);
    await ledgersPass(system, LEDGERS_BEFORE_KILL);
    tell(
      `killing transaction-submission with ${String(n - dispatcher.completed)} of ${String(n)} payments to go`,
    );
    await system.killSubmission();
    const killedAtLedger = await network.latestLedger();
    await network.forgetRequests();
    const restartedAt = performance.now();
    const spawned = system.spawnSubmission();
    const firstSubmitMs = (await firstSubmit(system)) - restartedAt;
    const submitLedger = await network.latestLedger();
    await spawned;
    tell(`first envelope after ${String(Math.round(firstSubmitMs))} ms`);
    await ledgersPass(system, Math.min(LEDGERS_WATCHED, Math.ceil(n / LEDGER_PAYMENTS)));
    const ledgers = await network.operationsSince(before.ledger);
    const since = ledgers.filter((one) => one.sequence > killedAtLedger);
    tell(`operations by ledger since the kill: ${since.map((one) => String(one.operations)).join(' ')}`);
    await network.setPace(UNLIMITED);
    await dispatcher.completion(n, PATIENCE_MS);
    await checkPaidOnce(system, before, payees);
    return {
      id: 'recover',
      n,
      metrics: {
        firstSubmitMs: rounded(firstSubmitMs),
        ledgersToFullSpeed: ledgersToFullSpeed(ledgers, { start: submitLedger, payments: n }),
      },
      targets: { firstSubmitMs: { atMost: 5_000 }, ledgersToFullSpeed: { atMost: 2 } },
    };
  } finally {
    await system.stop();
  }
};

/** When the sandbox gets the first envelope, by `performance.now()`. */
async function firstSubmit({ network }: PaymentSystem): Promise<number> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    const posts = Object.keys(await network.requests()).filter((one) => one.startsWith('POST /transactions'));
    if (posts.length > 0) return performance.now();
    await pause();
  }
  throw new InvariantFailedError('nothing was sent after the restart');
}

async function pause(milliseconds = LOOK_EVERY_MS): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
