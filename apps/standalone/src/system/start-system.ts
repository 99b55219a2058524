import fs from 'node:fs';

import { isSet, readSettings } from '@libs/config';
import { erasePostgres, stopLeftoverPostgres } from '@libs/embedded-postgres';
import { killBroker, stopBroker } from '@libs/local-kafka';

import type { ProcessEvent } from '../supervisor/managed-process';
import { Supervisor } from '../supervisor/supervisor';
import { SupervisorError } from '../supervisor/supervisor.errors';
import { openDataFolder } from './data-folder';
import { embeddedDatabase, namedDatabase } from './database-address';
import type { Installation } from './installation';
import { PORT_BASE_MAX, portPlan } from './port-plan';
import { topology } from './topology';

export interface SystemOptions {
  /** Absolute. */
  readonly dataFolder: string;
  readonly portBase: number;
  readonly kafka: boolean;
  readonly onEvent?: (event: ProcessEvent) => void;
}

export interface System {
  readonly installation: Installation;
  readonly supervisor: Supervisor;
}

/** What would run where; nothing is started. Makes the data folder and its keys when they are missing. */
export function planSystem(options: SystemOptions): System {
  const { portBase, dataFolder, kafka } = options;
  if (portBase < 1 || portBase > PORT_BASE_MAX) {
    throw new SupervisorError(`PORT_BASE must be from 1 to ${String(PORT_BASE_MAX)}.`);
  }
  const data = openDataFolder(dataFolder);
  const ports = portPlan(portBase);
  const named = isSet('DATABASE_URL') ? readSettings(['DATABASE_URL'] as const).DATABASE_URL : undefined;
  const installation: Installation = {
    data,
    portBase,
    ports,
    kafka,
    embeddedPostgres: named === undefined,
    database:
      named === undefined ? embeddedDatabase(ports.postgres, data.keys) : namedDatabase(named, data.keys),
  };
  const supervisor = new Supervisor({
    stages: topology(installation),
    logFolder: data.logs,
    ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
  });
  return { installation, supervisor };
}

/**
 * Starts everything, in order. What an earlier run left behind when it was killed together with its keepers is
 * stopped first; a run that is alive is left alone.
 */
export async function startSystem({ installation, supervisor }: System): Promise<void> {
  const { data } = installation;
  // As root the cluster is elsewhere: when this folder was removed by hand, the cluster was forgotten, with its password.
  const isForgotten = !fs.existsSync(data.postgres);
  if (installation.embeddedPostgres) {
    fs.mkdirSync(data.postgres, { recursive: true, mode: 0o700 });
    if (!(await stopLeftoverPostgres(data.postgres))) {
      throw new SupervisorError(`The system in ${data.folder} is running already: stop it first.`);
    }
    if (isForgotten) erasePostgres(data.postgres);
  }
  if (fs.existsSync(data.kafka)) await stopBroker(data.kafka);
  await supervisor.start();
}

/** Stops everything, in the opposite order, within ten seconds. */
export async function stopSystem({ installation, supervisor }: System): Promise<void> {
  await supervisor.stop();
  // The broker is no child of its keeper; it goes also when the keeper did not have the time to stop it.
  if (installation.kafka) await killBroker(installation.data.kafka);
}
