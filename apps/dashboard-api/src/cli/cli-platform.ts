import { readSettings, SettingsError } from '@libs/config';
import { Outbox } from '@libs/eventing';
import { Database, UnitOfWork } from '@libs/persistence';

import { makeProvisioning } from '../provisioning/make-provisioning';

const NAMES = [
  'DATABASE_URL',
  'NETWORK_PASSPHRASE',
  'BASE_URL',
  'SDP_UI_BASE_URL',
  'DISTRIBUTION_PUBLIC_KEY',
  'MESSAGE_ENCRYPTION_KEY',
] as const;

/** What the commands work with: the same settings and the same role as the staff API. */
export interface CliPlatform extends ReturnType<typeof makeProvisioning> {
  readonly unitOfWork: UnitOfWork;
  readonly baseUrl: string;
  readonly sdpUiBaseUrl: string;
}

/** A mistake in the command line or in what it names: shown as it is, exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** What commands work with that need the database and nothing else. */
export interface DatabasePlatform {
  readonly unitOfWork: UnitOfWork;
}

/** Runs one command against the database and ends the process with its exit code. */
export async function runCommand(work: (platform: CliPlatform) => Promise<void>): Promise<void> {
  await run(() => withPlatform(work));
}

/** The same for a command that needs no other setting than the database. */
export async function runDatabaseCommand(work: (platform: DatabasePlatform) => Promise<void>): Promise<void> {
  await run(async () => {
    const settings = readSettings(['DATABASE_URL']);
    await withDatabase(settings.DATABASE_URL, (unitOfWork) => work({ unitOfWork }));
  });
}

async function run(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    const isExpected = error instanceof CommandError || error instanceof SettingsError;
    process.stderr.write(
      `${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    );
    process.exitCode = 1;
  }
}

async function withDatabase(url: string, work: (unitOfWork: UnitOfWork) => Promise<void>): Promise<void> {
  const database = new Database({ url, applicationName: 'dashboard-api cli', connectionsMax: 2 });
  try {
    await database.assertReady();
    await work(new UnitOfWork(database));
  } finally {
    await database.close();
  }
}

async function withPlatform(work: (platform: CliPlatform) => Promise<void>): Promise<void> {
  const settings = readSettings(NAMES);
  await withDatabase(settings.DATABASE_URL, (unitOfWork) =>
    work({
      ...makeProvisioning({
        unitOfWork,
        outbox: new Outbox(),
        networkPassphrase: settings.NETWORK_PASSPHRASE,
        hostAccount: settings.DISTRIBUTION_PUBLIC_KEY,
        messageKey: settings.MESSAGE_ENCRYPTION_KEY,
      }),
      unitOfWork,
      baseUrl: settings.BASE_URL,
      sdpUiBaseUrl: settings.SDP_UI_BASE_URL,
    }),
  );
}
