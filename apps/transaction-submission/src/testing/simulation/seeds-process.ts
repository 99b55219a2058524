import { ReferenceSimulation } from './reference-rule';
import type { SeedOutcome } from './seed-tally';
import { SeedFailedError, Simulation } from './simulation';
import type { SeedsOfProcess } from './simulate-seeds';
import { SimulationWorld } from './simulation-world';

const send = (outcome: SeedOutcome): void => {
  process.send?.(outcome);
};

/** Runs its share of the seeds, one after the other, on one database. */
async function run({ url, superuserUrl, from, to, stride, trace }: SeedsOfProcess): Promise<void> {
  const world = await SimulationWorld.open({ url: (app) => url[app], superuserUrl });
  const tell = trace
    ? (line: string): void => {
        send({ kind: 'line', line });
      }
    : null;
  for (let seed = from; seed <= to; seed += stride) {
    try {
      const report = await new Simulation(world, seed, tell).run();
      const reference = await new ReferenceSimulation(world, seed).run();
      send({ kind: 'held', report, reference });
    } catch (error) {
      if (!(error instanceof SeedFailedError)) throw error;
      const message = `${error.message}\n  again with: npm run simulate -- --seed ${String(seed)}`;
      send({ kind: 'failed', seed, message });
    }
  }
  await world.close();
}

// Only the parent speaks here, and it sends one share.
process.once('message', (share) => {
  run(share as SeedsOfProcess).then(
    () => {
      process.disconnect();
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
