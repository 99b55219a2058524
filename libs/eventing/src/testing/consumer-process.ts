import { createLogger, MetricsRegistry } from '@libs/observability';
import { Database } from '@libs/persistence';

import type { BrokerOptions } from '../broker-options';
import { EventRuntime } from '../event-runtime';
import { type Behaviour, ScriptedHandler } from './scripted-handler';
import { testContracts } from './test-contracts';

/** One replica as a process of its own, to be killed or frozen. Its only argument is this, as JSON. */
export interface ConsumerProcessOptions {
  readonly url: string;
  readonly broker: BrokerOptions;
  readonly suffix: string;
  readonly group: string;
  readonly worker: string;
  /**
   * Dies by kill −9 when it comes to an event with this script, before or after it has written the effect; at once,
   * or when the event comes back after a failure.
   */
  readonly dieAt?: { readonly script: string; readonly place: 'before' | 'after'; readonly inRetry: boolean };
}

/** The scripts `slow` and `very slow` take this long, with the effect written and not committed. */
const SLOW_MS = 20;
const VERY_SLOW_MS = 1_000;

async function main(options: ConsumerProcessOptions): Promise<void> {
  const { url, broker, suffix, group, worker, dieAt } = options;
  const contracts = testContracts(suffix);
  const failed = new Set<string>();
  const behaviour: Behaviour = async (event, place) => {
    if (dieAt?.script === event.data.script && dieAt.place === place) {
      if (!dieAt.inRetry || failed.has(event.id)) process.kill(process.pid, 'SIGKILL');
      failed.add(event.id);
      throw new Error('fails once, to come back as a retry');
    }
    if (event.data.script === 'slow' && place === 'after')
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    if (event.data.script === 'very slow' && place === 'after') {
      await new Promise((resolve) => setTimeout(resolve, VERY_SLOW_MS));
    }
    return undefined;
  };
  const runtime = new EventRuntime({
    database: new Database({ url, applicationName: worker }),
    group,
    broker,
    logger: createLogger({ app: worker, level: 'warn' }),
    metrics: new MetricsRegistry(),
    contracts: [contracts.ordered, contracts.free],
    concurrency: 2,
    retryPolicy: { triesMax: 10, firstDelayMs: 20, delayMaxMs: 50 },
  });
  for (const contract of [contracts.ordered, contracts.free]) {
    runtime.addHandler(new ScriptedHandler(contract, { consumer: group, worker, behaviour }));
  }
  await runtime.start();
  process.stdout.write('started\n');
}

main(JSON.parse(process.argv[2] ?? '{}') as ConsumerProcessOptions).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
