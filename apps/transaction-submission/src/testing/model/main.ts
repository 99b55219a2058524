import { parseArgs } from 'node:util';

import { explore } from './explorer';
import { QUICK, THOROUGH } from './protocol-bounds';
import { ALL_RULES } from './protocol-rules';

const USAGE = `npm run model-check

Visits every state that the attempt protocol can reach within each of some bounds, and prints a line for each of them: how many
states there are, and whether every invariant holds in all of them and each can still end. It takes minutes. Exit code 1 when an
invariant broke; the way to that state is printed. docs/reliability.md says what the bounds and the invariants are.
`;

const STATES_MAX = 12_000_000;

/** Explores the protocol within all bounds and prints a line for each. False when an invariant breaks somewhere. */
function checkAll(): boolean {
  let isSound = true;
  for (const { name, ...bounds } of [...QUICK, ...THOROUGH]) {
    const since = performance.now();
    const { broken, states, steps } = explore(bounds, ALL_RULES, STATES_MAX);
    const seconds = ((performance.now() - since) / 1_000).toFixed(1);
    process.stdout.write(
      `${name}: ${String(states)} states, ${String(steps)} steps, ${seconds} s, ${broken === null ? 'all invariants hold, every state can end' : `${broken.invariant}: ${broken.what}\n  ${broken.path.join('\n  ')}`}\n`,
    );
    isSound &&= broken === null;
  }
  return isSound;
}

/** Takes nothing but `--help`. Exit code 2 for anything else. */
function main(): number {
  try {
    const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
    if (!values.help) return checkAll() ? 0 : 1;
    process.stdout.write(USAGE);
    return 0;
  } catch {
    process.stderr.write(USAGE);
    return 2;
  }
}

process.exitCode = main();
