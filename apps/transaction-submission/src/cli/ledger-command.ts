import { readSettings } from '@libs/config';
import { newId } from '@libs/kernel';
import { StellarReader } from '@libs/ledger-stellar/reader';
import { StellarSubmitter } from '@libs/ledger-stellar/submitter';
import { createLogger } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';
import {
  ChannelAccountRepository,
  ChannelMaintenanceLock,
  ChannelPopulationRepository,
} from '@libs/submissions';

import { SetupService } from '../accounts/setup.service';
import { ChannelCreationService } from '../channels/channel-creation.service';
import { ChannelPopulationService } from '../channels/channel-population.service';
import { ChannelRetirementService } from '../channels/channel-retirement.service';
import type { EngineContext } from '../engine-context';
import { readKeySettings } from '../keys/key-settings';
import type { LedgerKeys } from '../keys/ledger-keys.port';
import { openKeys } from '../keys/open-keys';
import { CommandError } from './operator-command';

const NAMES = [
  'DATABASE_URL',
  'NETWORK_PASSPHRASE',
  'HORIZON_URL',
  'NUM_CHANNEL_ACCOUNTS',
  'MAX_BASE_FEE',
  'INSTANCE_EXPIRY_SECONDS',
] as const;
const NAME = 'transaction-submission cli';
const LIFETIME_SECONDS = 90;

/** What commands work with that change something on the ledger: the settings and keys of the app itself. */
export interface LedgerPlatform {
  readonly context: EngineContext;
  readonly keys: LedgerKeys;
  readonly setup: SetupService;
  readonly rows: ChannelPopulationRepository;
  readonly population: ChannelPopulationService;
  readonly lock: ChannelMaintenanceLock;
}

/** Runs one command with the ledger, the database and the keys, and closes them all. */
export async function runLedgerCommand(work: (platform: LedgerPlatform) => Promise<void>): Promise<void> {
  const settings = readSettings(NAMES);
  const keySettings = readKeySettings();
  const ledger = { horizonUrls: settings.HORIZON_URL, networkPassphrase: settings.NETWORK_PASSPHRASE };
  const reader = new StellarReader(ledger);
  const database = new Database({ url: settings.DATABASE_URL, applicationName: NAME, connectionsMax: 4 });
  try {
    await database.assertReady();
    await reader.assertNetwork().catch((error: unknown) => {
      throw new CommandError(error instanceof Error ? error.message : String(error));
    });
    const uow = new UnitOfWork(database);
    const keys = await openKeys(keySettings, uow);
    const submitter = new StellarSubmitter({ ...ledger, signer: keys });
    const context: EngineContext = {
      instanceId: newId(),
      sessionsName: NAME,
      uow,
      reader,
      submitter,
      // Standard output is the answer of the command.
      logger: createLogger({ app: NAME, level: 'fatal' }),
      settings: {
        channelAccounts: settings.NUM_CHANNEL_ACCOUNTS,
        paymentsPerEnvelope: 1,
        maxBaseFee: BigInt(settings.MAX_BASE_FEE),
        lifetimeSeconds: LIFETIME_SECONDS,
        lookUpsPerSecond: 0,
        takeOverEveryMs: 0,
        expirySeconds: settings.INSTANCE_EXPIRY_SECONDS,
      },
    };
    try {
      await work(platformOf(context, keys, settings.DATABASE_URL));
    } finally {
      await keys.close();
      submitter.close();
    }
  } finally {
    reader.close();
    await database.close();
  }
}

function platformOf(context: EngineContext, keys: LedgerKeys, url: string): LedgerPlatform {
  const setup = new SetupService(context);
  const rows = new ChannelPopulationRepository();
  const lock = new ChannelMaintenanceLock({ url, applicationName: NAME });
  const population = new ChannelPopulationService(context, {
    population: rows,
    creation: new ChannelCreationService(context, {
      channels: new ChannelAccountRepository(),
      population: rows,
      keys,
      setup,
    }),
    retirement: new ChannelRetirementService(context, {
      channels: new ChannelAccountRepository(),
      population: rows,
      keys,
      setup,
    }),
    lock,
  });
  return { context, keys, setup, rows, population, lock };
}
