import { explore } from './explorer';
import { QUICK, THOROUGH } from './protocol-bounds';
import { ALL_RULES } from './protocol-rules';

const STATES_MAX = 12_000_000;

/** Explores the protocol within all bounds and prints a line for each. False when an invariant breaks somewhere. */
function main(): boolean {
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

process.exitCode = main() ? 0 : 1;
