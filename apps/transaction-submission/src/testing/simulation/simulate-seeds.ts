import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { type RunningPostgres, startPostgres } from '@libs/embedded-postgres';
import { APP_NAMES, APP_ROLES, migrate } from '@libs/persistence';
import { Client } from 'pg';

import { ALL_MIGRATIONS } from '../../../../../tools/migrate/migrations';
import { type SeedOutcome, SeedTally } from './seed-tally';

export interface SimulationOrder {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  /** Tells each step. */
  readonly trace: boolean;
}

/** What a process that runs seeds is told: every `stride`th seed is its own. */
export interface SeedsOfProcess {
  readonly url: Readonly<Record<'transactionSubmission' | 'dashboardApi', string>>;
  readonly superuserUrl: string;
  readonly from: number;
  readonly to: number;
  readonly stride: number;
  readonly trace: boolean;
}

const CHILD = path.join(__dirname, 'seeds-process.js');
const TEMPLATE = 'simulation_template';
const TOLD_EVERY = 1_000;

/** Runs the seeds on a PostgreSQL of its own. True when every invariant held in every one. */
export async function simulate(order: SimulationOrder, tell: (line: string) => void): Promise<boolean> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-simulation-'));
  // The server's user must be able to walk through the folder that mkdtemp made for us alone.
  fs.chmodSync(folder, 0o711);
  const password = randomBytes(12).toString('hex');
  const postgres = await startPostgres({
    dataFolder: path.join(folder, 'postgres'),
    password,
    durable: false,
    settings: { shared_buffers: '256MB', autovacuum_naptime: '5s' },
  });
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill('SIGKILL');
    void postgres.stop().finally(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    await makeTemplate(postgres, password);
    const tally = new SeedTally();
    const workers = Math.min(order.workers, order.seeds);
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: workers }, async (_, index) => {
        const database = await copyTemplate(postgres, index, password);
        const child = fork(CHILD, [], { serialization: 'advanced' });
        children.push(child);
        const share = {
          ...database,
          from: order.from + index,
          to: order.from + order.seeds - 1,
          stride: workers,
        };
        await runChild(child, { ...share, trace: order.trace }, (outcome) => {
          if (outcome.kind === 'line') tell(outcome.line);
          else if (outcome.kind === 'failed') tell(outcome.message);
          tally.add(outcome);
          if (tally.seeds > 0 && tally.seeds % TOLD_EVERY === 0 && outcome.kind !== 'line')
            tell(tally.summary());
        });
      }),
    );
    const seconds = (performance.now() - startedAt) / 1_000;
    tell(tally.summary());
    tell(
      `${seconds.toFixed(0)} s, ${((seconds * 1_000 * workers) / Math.max(1, tally.seeds)).toFixed(0)} ms per seed and process`,
    );
    return tally.failed === 0 && tally.seeds === order.seeds;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function runChild(
  child: ChildProcess,
  share: SeedsOfProcess,
  onOutcome: (outcome: SeedOutcome) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    // Only our own child speaks here.
    child.on('message', (message) => {
      onOutcome(message as SeedOutcome);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a process of the simulation ended with ${String(code)}`));
    });
    child.send(share);
  });
}

async function makeTemplate(postgres: RunningPostgres, password: string): Promise<void> {
  await onServer(postgres, (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  const passwords = Object.fromEntries(APP_NAMES.map((app) => [app, password]));
  await migrate({ url: addressOf(postgres, TEMPLATE), migrations: ALL_MIGRATIONS, passwords });
}

async function copyTemplate(
  postgres: RunningPostgres,
  index: number,
  password: string,
): Promise<Pick<SeedsOfProcess, 'url' | 'superuserUrl'>> {
  const name = `simulation_${String(index)}`;
  await onServer(postgres, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
  const urlOf = (app: keyof SeedsOfProcess['url']): string =>
    addressOf(postgres, name, { user: APP_ROLES[app], password });
  return {
    superuserUrl: addressOf(postgres, name),
    url: { transactionSubmission: urlOf('transactionSubmission'), dashboardApi: urlOf('dashboardApi') },
  };
}

function addressOf(
  { superuserUrl }: RunningPostgres,
  database: string,
  as?: { readonly user: string; readonly password: string },
): string {
  const url = new URL(superuserUrl);
  url.pathname = `/${database}`;
  if (as !== undefined) {
    url.username = as.user;
    url.password = as.password;
  }
  return url.href;
}

async function onServer<T>(
  { superuserUrl }: RunningPostgres,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ connectionString: superuserUrl, application_name: 'simulation' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
