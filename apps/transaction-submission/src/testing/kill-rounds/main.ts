import { parseArgs } from 'node:util';

import { type Fault, FAULT_KINDS } from './fault-schedule';
import { FREEZE_SECONDS, KillRounds, type RoundsOrder } from './kill-rounds';

const USAGE = `npm run kill-rounds -- [--rounds 20] [--seed 1] [--freeze-seconds ${String(FREEZE_SECONDS)}] [--only ${FAULT_KINDS.join('|')}]

Real processes of transaction-submission on a PostgreSQL of their own and the sandbox network: in each round one of them is
killed at a named point, frozen or cut off at COMMIT, or PostgreSQL is killed. After each, nobody is paid twice, no payment is
lost, nothing told is a lie, and no hold was broken. Exit code 1 when something was.

  --freeze-seconds  for how long a process is stopped by SIGSTOP; with 120 its envelopes are past their time, too
  --only            nothing but faults of one kind: kills and cuts at points, stopped processes, kills of PostgreSQL
`;

/** Of points that are not met in their round there are a few; with nothing but such rounds something is wrong. */
const UNMET_MAX = 15;

async function main(): Promise<number> {
  const order = readOrder();
  if (order === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (order === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const tell = (line: string): void => void process.stdout.write(`${line}\n`);
  tell(`kill rounds, seed ${String(order.seed)}`);
  const rounds = await KillRounds.open(order);
  let counted = 0;
  try {
    await rounds.warmUp();
    const since = performance.now();
    for (let unmet = 0; counted < order.rounds;) {
      const { fault, payments, seconds, struck } = await rounds.round();
      if (struck) {
        counted += 1;
        unmet = 0;
      } else if ((unmet += 1) > UNMET_MAX) throw new Error(`${String(unmet)} points in a row were not met`);
      const number = struck ? `round ${String(counted)}` : 'not met';
      tell(`${number}: ${described(fault)}; ${String(payments)} payments, ${seconds.toFixed(1)} s`);
    }
    const summary = await rounds.end();
    tell(
      `${String(order.rounds)} rounds in ${((performance.now() - since) / 1_000).toFixed(0)} s: ${String(summary.payments)} payments, ${String(summary.paid)} paid, 0 twice; ${String(summary.pointsStruck)} of ${String(summary.pointsKnown)} points struck, ${String(summary.processes)} processes`,
    );
    const isAboutPoints = order.only === null || order.only === 'point';
    if (isAboutPoints && summary.pointsMissing.length > 0)
      tell(`not struck: ${summary.pointsMissing.join('; ')}`);
    tell(`${String(counted)} passed, 0 failed`);
    return 0;
  } catch (error) {
    tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
    tell(
      `failed; again with: npm run kill-rounds -- --rounds ${String(order.rounds)} --seed ${String(order.seed)} --freeze-seconds ${String(order.freezeSeconds)}${order.only === null ? '' : ` --only ${order.only}`}`,
    );
    tell(`${String(counted)} passed, 1 failed`);
    return 1;
  } finally {
    await rounds.close();
  }
}

function described(fault: Fault): string {
  switch (fault.kind) {
    case 'point':
      return `${fault.action === 'kill' ? 'kill -9' : 'connection cut'} at "${fault.point}"`;
    case 'freeze':
      return 'SIGSTOP, and SIGCONT when others have taken over';
    case 'postgres':
      return 'kill -9 of PostgreSQL';
  }
}

function readOrder(): (RoundsOrder & { readonly rounds: number }) | 'help' | null {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '20' },
        seed: { type: 'string', default: '1' },
        'freeze-seconds': { type: 'string', default: String(FREEZE_SECONDS) },
        only: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
    const freezeSeconds = Number(values['freeze-seconds']);
    const only = FAULT_KINDS.find((kind) => kind === values.only) ?? null;
    const isOrder =
      Number.isInteger(rounds) &&
      rounds >= 1 &&
      Number.isInteger(seed) &&
      freezeSeconds >= FREEZE_SECONDS &&
      (only !== null || values.only === undefined);
    return isOrder ? { rounds, seed, freezeSeconds, only } : null;
  } catch {
    return null;
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
