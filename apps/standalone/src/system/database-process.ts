import { readSettings } from '@libs/config';
import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { Database } from '@libs/persistence';

import { DATABASE_NAME, OWNER_ROLE } from './database-address';
import { dataFolderPath, openDataFolder } from './data-folder';
import { portPlan } from './port-plan';

const STAY_MS = 2 ** 30;

/**
 * Keeps the embedded PostgreSQL: a process of its own, so that the server is stopped in order also when the
 * supervisor was killed, and started again when the server dies.
 */
async function main(): Promise<void> {
  const settings = readSettings(['DATA_DIR', 'PORT_BASE'] as const);
  const { postgres: dataFolder, keys } = openDataFolder(dataFolderPath(settings.DATA_DIR));
  const state: { stopping: boolean; server?: RunningPostgres } = { stopping: false };
  process.once('SIGTERM', () => {
    state.stopping = true;
    void (state.server?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
  });
  const server = await startPostgres({
    dataFolder,
    password: keys.postgresPassword,
    port: portPlan(settings.PORT_BASE).postgres,
    // What PostgreSQL says about an error may quote the row or the statement, and with them people's data.
    settings: { log_error_verbosity: 'terse', log_min_error_statement: 'panic' },
  });
  state.server = server;
  void server.exited.then(() => {
    if (!state.stopping) process.exit(1);
  });
  await prepareDatabase(server, keys.ownerPassword);
  // Nothing else holds this process: neither the server nor the supervisor's channel does.
  setInterval(() => undefined, STAY_MS);
  process.send?.('ready');
}

/** The owner of the tables is no superuser, as in production. Both statements may have been done at an earlier start. */
async function prepareDatabase(server: RunningPostgres, ownerPassword: string): Promise<void> {
  const database = new Database({
    url: server.superuserUrl,
    applicationName: 'standalone',
    connectionsMax: 1,
  });
  try {
    const roles = await database.pool.query('SELECT FROM pg_roles WHERE rolname = $1', [OWNER_ROLE]);
    if (roles.rowCount === 0) {
      // Made by this program and made of hexadecimal digits, so it needs no escape.
      await database.pool.query(`CREATE ROLE ${OWNER_ROLE} LOGIN CREATEROLE PASSWORD '${ownerPassword}'`);
    }
    const databases = await database.pool.query('SELECT FROM pg_database WHERE datname = $1', [
      DATABASE_NAME,
    ]);
    if (databases.rowCount === 0) {
      await database.pool.query(`CREATE DATABASE ${DATABASE_NAME} OWNER ${OWNER_ROLE}`);
    }
  } finally {
    await database.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
