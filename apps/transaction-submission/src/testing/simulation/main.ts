import { parseArgs } from 'node:util';

import { simulate } from './simulate-seeds';

const USAGE = `npm run simulate -- [--seeds 1000] [--from 1] [--workers 2]
npm run simulate -- --seed N     one seed again, step by step

Runs the flow of payments under faults that each seed draws, on real PostgreSQL and the sandbox' ledger. Exit code 1 when an
invariant broke; each failing seed is printed.
`;

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
  return (await simulate(order, (line) => process.stdout.write(`${line}\n`))) ? 0 : 1;
}

function readOrder(): Parameters<typeof simulate>[0] | 'help' | null {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '1000' },
        from: { type: 'string', default: '1' },
        workers: { type: 'string', default: '2' },
        seed: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return 'help';
    const single = values.seed === undefined ? null : Number(values.seed);
    const [seeds, from, workers] = [Number(values.seeds), Number(values.from), Number(values.workers)];
    const isOrder =
      [seeds, workers].every((one) => Number.isInteger(one) && one >= 1) &&
      [from, single ?? 0].every(Number.isInteger);
    if (!isOrder) return null;
    return single === null
      ? { from, seeds, workers, trace: false }
      : { from: single, seeds: 1, workers: 1, trace: true };
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
