import { readSettings, SettingsError } from '@libs/config';
import { createLogger, runApp } from '@libs/observability';
import { Database, UnitOfWork } from '@libs/persistence';

import { readHeldKeys } from '../keys/key-settings';
import { openKeys } from '../keys/open-keys';
import { startSignerServer } from './signer-server';

const NAMES = ['DATABASE_URL', 'LOG_LEVEL', 'SIGNER_SOCKET'] as const;

/** The process that holds the keys, for a transaction-submission that holds none. */
runApp(async () => {
  const { DATABASE_URL: url, LOG_LEVEL: level, SIGNER_SOCKET: socket } = readSettings(NAMES);
  if (socket === undefined) throw new SettingsError(['SIGNER_SOCKET is required: where the signer listens']);
  const database = new Database({ url, applicationName: 'signer', connectionsMax: 4 });
  await database.assertReady();
  const keys = await openKeys(readHeldKeys(), new UnitOfWork(database));
  const server = await startSignerServer({ socket, keys, logger: createLogger({ app: 'signer', level }) });
  return {
    stop: async () => {
      await server.close();
      await database.close();
    },
  };
});
