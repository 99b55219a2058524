import { childEnvironment } from '@libs/config';
import { APP_NAMES, type AppName } from '@libs/persistence';

import { compiled } from '../supervisor/checkout';
import type { PortUse, ProcessSpec, Stage } from '../supervisor/process-spec';
import { appEnvironment, nodeEnvironment } from './app-environments';
import { type Installation, localUrl, NETWORK_PASSPHRASE } from './installation';
import type { PortPlan } from './port-plan';

export const PROCESS_NAMES = {
  dashboardApi: 'dashboard-api',
  recipientApi: 'recipient-api',
  disbursementCore: 'disbursement-core',
  messaging: 'messaging',
  transactionSubmission: 'transaction-submission',
} as const satisfies Record<AppName, string>;

/** Apps drain first; what they need ends after them, in the rest of the ten seconds that Ctrl-C may take. */
const APPS_STOP_WITHIN_MS = 7_000;
const GROUND_STOPS_WITHIN_MS = 9_000;
/** For what may have a lot to do once: fetch Kafka over a slow line, or change the tables of a large database. */
const SLOW_ONCE_MS = 600_000;

/** What runs, in the order in which it is started. */
export function topology(installation: Installation): Stage[] {
  return [
    { processes: ground(installation), stopWithinMs: GROUND_STOPS_WITHIN_MS },
    { processes: preparations(installation), stopWithinMs: 0 },
    { processes: APP_NAMES.map((app) => appProcess(app, installation)), stopWithinMs: APPS_STOP_WITHIN_MS },
  ];
}

function ground(installation: Installation): ProcessSpec[] {
  return [
    ...(installation.embeddedPostgres ? [keeper('postgres', installation)] : []),
    ...(installation.kafka ? [keeper('kafka', installation)] : []),
    sandbox(installation),
    demoWallet(installation),
  ];
}

/** Schema, first accounts on the ledger, with Kafka the topics. Each may be done any number of times. */
function preparations(installation: Installation): ProcessSpec[] {
  const { database, data } = installation;
  const passwords = APP_NAMES.map((app) => `${app}=${data.keys.rolePasswords[app]}`).join(',');
  return [
    {
      name: 'migrate',
      script: compiled('tools/migrate/main'),
      environment: {
        ...childEnvironment({
          fixed: { MIGRATION_DATABASE_URL: database.ownerUrl, ROLE_PASSWORDS: passwords },
        }),
        ...nodeEnvironment(installation),
      },
      ready: { kind: 'done' },
      readyWithinMs: SLOW_ONCE_MS,
      waitsFor: 'it brings the tables up to date',
      ports: [],
    },
    {
      name: 'ledger-accounts',
      script: compiled('apps/standalone/src/system/network-process'),
      environment: ownEnvironment(installation),
      ready: { kind: 'done' },
      ports: [],
    },
    ...(installation.kafka ? [topics(installation)] : []),
  ];
}

/** For processes of this app: they read keys and ports by themselves. */
function ownEnvironment(installation: Installation): Record<string, string> {
  const { data, portBase } = installation;
  return {
    ...childEnvironment({
      fixed: { NETWORK_PASSPHRASE, DATA_DIR: data.folder, PORT_BASE: String(portBase) },
    }),
    ...nodeEnvironment(installation),
  };
}

function topics(installation: Installation): ProcessSpec {
  const broker = `127.0.0.1:${String(installation.ports.broker)}`;
  return {
    name: 'topics',
    script: compiled('tools/topics/main'),
    environment: {
      ...childEnvironment({ fixed: { BROKER_URLS: broker, EVENT_BROKER_TYPE: 'KAFKA' } }),
      ...nodeEnvironment(installation),
    },
    ready: { kind: 'done' },
    ports: [],
  };
}

function keeper(kind: 'postgres' | 'kafka', installation: Installation): ProcessSpec {
  const { ports } = installation;
  const [script, use] =
    kind === 'postgres'
      ? ['database-process', { port: ports.postgres, usedBy: 'PostgreSQL' }]
      : ['broker-process', { port: ports.broker, usedBy: 'Kafka' }];
  return {
    name: kind,
    script: compiled(`apps/standalone/src/system/${script}`),
    environment: ownEnvironment(installation),
    ready: { kind: 'message' },
    ...(kind === 'kafka'
      ? {
          readyWithinMs: SLOW_ONCE_MS,
          waitsFor: 'the first start fetches Kafka from Maven Central (37 MB)',
        }
      : {}),
    ports: [use],
  };
}

function sandbox(installation: Installation): ProcessSpec {
  const { data, ports } = installation;
  return {
    name: 'stellar-sandbox',
    script: compiled('apps/stellar-sandbox/src/main'),
    environment: {
      ...childEnvironment({
        fixed: {
          SANDBOX_HOST: '127.0.0.1',
          SANDBOX_PORT: String(ports.sandbox),
          SANDBOX_PASSPHRASE: NETWORK_PASSPHRASE,
          SANDBOX_DATA_DIR: data.sandbox,
        },
        defaults: { SANDBOX_STREAM_TICK_MS: '200' },
      }),
      ...nodeEnvironment(installation),
    },
    ready: { kind: 'http', url: `${localUrl(ports.sandbox)}/` },
    ports: [{ port: ports.sandbox, usedBy: 'the sandbox network' }],
  };
}

function demoWallet(installation: Installation): ProcessSpec {
  const { ports } = installation;
  return {
    name: 'demo-wallet',
    script: compiled('apps/standalone/src/demo-wallet/main'),
    environment: ownEnvironment(installation),
    ready: { kind: 'http', url: `${localUrl(ports.wallet)}/health` },
    ports: [{ port: ports.wallet, usedBy: 'the demo wallet' }],
  };
}

function appProcess(app: AppName, installation: Installation): ProcessSpec {
  const uses = portsOf(app, installation.ports);
  return {
    name: PROCESS_NAMES[app],
    script: compiled(`apps/${PROCESS_NAMES[app]}/src/main`),
    environment: appEnvironment(app, installation),
    // The last of its ports is where it tells how it is.
    ready: { kind: 'http', url: `${localUrl(uses.at(-1)?.port ?? 0)}/ready` },
    ports: uses,
  };
}

function portsOf(app: AppName, ports: PortPlan): PortUse[] {
  switch (app) {
    case 'dashboardApi':
      return [
        { port: ports.staff, usedBy: 'the staff API' },
        { port: ports.operator, usedBy: "the operator's API" },
        { port: ports.staffMetrics, usedBy: "the staff API's metrics" },
      ];
    case 'recipientApi':
      return [
        { port: ports.recipients, usedBy: "the recipients' API" },
        { port: ports.recipientMetrics, usedBy: "the recipients' API's metrics" },
      ];
    case 'disbursementCore':
      return [{ port: ports.core, usedBy: 'disbursement-core' }];
    case 'messaging':
      return [{ port: ports.messaging, usedBy: 'messaging' }];
    case 'transactionSubmission':
      return [{ port: ports.submission, usedBy: 'transaction-submission' }];
  }
}
