import { setTimeout as pause } from 'node:timers/promises';

import { readSettings } from '@libs/config';

import { LedgerKey } from '../stellar/ledger-key';
import { dataFolderPath, openDataFolder } from './data-folder';
import { localUrl } from './installation';
import { portPlan } from './port-plan';

const AGAIN_AFTER_MS = 200;

/** Gives the accounts of this installation their first XLM: the host account and the issuer of the demo's asset. */
async function main(): Promise<void> {
  const settings = readSettings(['DATA_DIR', 'PORT_BASE'] as const);
  const { keys } = openDataFolder(dataFolderPath(settings.DATA_DIR));
  const horizon = localUrl(portPlan(settings.PORT_BASE).sandbox);
  await Promise.all(
    [keys.hostAccountSeed, keys.issuerSeed].map((seed) => fund(horizon, LedgerKey.fromSecret(seed).address)),
  );
}

/** Until the account is there, whoever made it; the supervisor ends this process when that takes too long. */
async function fund(horizon: string, address: string): Promise<void> {
  for (;;) {
    const account = await fetch(`${horizon}/accounts/${address}`).catch(() => undefined);
    if (account?.status === 200) return;
    const answer = await fetch(`${horizon}/friendbot?addr=${address}`).catch(() => undefined);
    if (answer?.status !== 200) await pause(AGAIN_AFTER_MS);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
