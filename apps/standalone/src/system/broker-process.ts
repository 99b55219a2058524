import { setTimeout as pause } from 'node:timers/promises';

import { readSettings } from '@libs/config';
import { findBroker, startBroker, stopBroker } from '@libs/local-kafka';

import { dataFolderPath, openDataFolder } from './data-folder';
import { portPlan } from './port-plan';

const LOOK_EVERY_MS = 500;

/** Keeps one Kafka broker, as database-process keeps PostgreSQL. */
async function main(): Promise<void> {
  const settings = readSettings(['DATA_DIR', 'PORT_BASE'] as const);
  const { kafka } = openDataFolder(dataFolderPath(settings.DATA_DIR));
  const state = { stopping: false };
  process.once('SIGTERM', () => {
    state.stopping = true;
    void stopBroker(kafka).finally(() => process.exit(0));
  });
  const { addresses } = await startBroker({ dataFolder: kafka, port: portPlan(settings.PORT_BASE).broker });
  const wanted = `127.0.0.1:${String(portPlan(settings.PORT_BASE).broker)}`;
  if (addresses.plaintext !== wanted) {
    await stopBroker(kafka);
    throw new Error(
      `The broker's data was made for ${addresses.plaintext}, not ${wanted}: use the earlier PORT_BASE, or --fresh.`,
    );
  }
  process.send?.('ready');
  while (findBroker(kafka) !== undefined) await pause(LOOK_EVERY_MS);
  if (!state.stopping) process.exit(1);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
