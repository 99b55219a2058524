import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { erasePostgres, findPostgres } from '@libs/embedded-postgres';
import { Database } from '@libs/persistence';

import { DemoRun, type DemoResult } from '../demo/demo-run';
import type { Counts } from '../demo/counts';
import { HttpClient } from '../demo/http-client';
import { LedgerClient } from '../demo/ledger-client';
import { openOrganisation, ORGANISATION } from '../demo/organisation';
import { generatePeople } from '../people/people-generator';
import { checkoutFolder, compiled } from '../supervisor/checkout';
import type { ProcessEvent } from '../supervisor/managed-process';
import { appEnvironment } from '../system/app-environments';
import { localUrl } from '../system/installation';
import { planSystem, startSystem, stopSystem, type System } from '../system/start-system';
import { codesInOutbox, leaks } from './leaks';
import { payReturning } from './pay-returning';
import { until } from './until';

const SPAN = 23;
const TERMS_KEPT_MS = 2_000;

/** Compiles what changed, so that the processes of a test are those of the sources. */
export function buildOnce(): void {
  const build = spawnSync(process.execPath, [path.join(checkoutFolder(), 'tools/build.cjs')]);
  if (build.status !== 0) throw new Error(`the build failed: ${build.stderr.toString()}`);
}

/** A base below the ephemeral ports, where a whole system finds its ports free. */
export async function freePortBase(): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const base = 12_000 + SPAN * Math.floor(Math.random() * 850);
    const ports = Array.from({ length: SPAN }, (_, offset) => base + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no free range of ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** A folder with a space in its name, below one that only this user can enter. */
export const trialFolder = (): string =>
  path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'a trial ')), 'data');

export function removeTrialFolder(folder: string): void {
  // As root the cluster is elsewhere.
  erasePostgres(path.join(folder, 'postgres'));
  fs.rmSync(path.dirname(folder), { recursive: true, force: true });
}

/** A whole system of real processes for one test file, and runs of the main job on it. */
export class TrialSystem {
  readonly events: ProcessEvent[] = [];
  private readonly killed = new Set<string>();
  private nextPerson = 1;
  private runs = 0;

  private constructor(
    readonly system: System,
    private readonly folder: string,
    events: ProcessEvent[],
  ) {
    this.events = events;
  }

  static async start(): Promise<TrialSystem> {
    buildOnce();
    const folder = trialFolder();
    const events: ProcessEvent[] = [];
    const system = planSystem({
      dataFolder: folder,
      portBase: await freePortBase(),
      kafka: false,
      onEvent: (event) => events.push(event),
    });
    await startSystem(system);
    return new TrialSystem(system, folder, events);
  }

  /** Throws when a process ended that nobody killed: the supervisor would hide it by starting it again. */
  async stop(): Promise<void> {
    await stopSystem(this.system);
    const fallen = this.events.filter(({ kind, name }) => kind === 'died' && !this.killed.has(name));
    const told = fallen.map(({ name }) => `${name} ended by itself:\n${this.logOf(name).slice(-3_000)}`);
    removeTrialFolder(this.folder);
    if (told.length > 0) throw new Error(told.join('\n\n'));
  }

  /** The main job with people who are new, or with those that were there before; `meanwhile` sees its counts. */
  async pay(
    people: number,
    {
      first,
      meanwhile,
    }: { readonly first?: number; readonly meanwhile?: (counts: () => Counts) => Promise<void> } = {},
  ): Promise<DemoResult> {
    this.runs += 1;
    const begin = first ?? this.nextPerson;
    if (first === undefined) this.nextPerson += people;
    const run = new DemoRun({
      installation: this.system.installation,
      people: generatePeople({ count: people, first: begin }),
      name: `Trial ${String(this.runs)}`,
    });
    const [result] = await Promise.all([run.run(), meanwhile?.(() => run.counts())]);
    return result;
  }

  /** Pays the first people again, who have registered, by so many disbursements. */
  async payAgain(people: number, times: number): Promise<void> {
    const names = Array.from({ length: times }, (_, index) => `Trial ${String(this.runs + index + 1)}`);
    this.runs += times;
    const { installation } = this.system;
    await payReturning({ installation, people: generatePeople({ count: people }), names });
  }

  /** The ledger account that pays. */
  async distributionAccount(): Promise<string> {
    const { installation } = this.system;
    const http = new HttpClient({ totalMs: 60_000, answerWithinMs: 30_000 });
    try {
      const ledger = new LedgerClient(http, localUrl(installation.ports.sandbox));
      return (await openOrganisation({ installation, http, ledger })).distributionAccount;
    } finally {
      http.close();
    }
  }

  /** Runs a statement as the owner of all tables. */
  async asOwner(statement: string): Promise<void> {
    const url = this.system.installation.database.ownerUrl;
    const database = new Database({ url, applicationName: 'a test', connectionsMax: 1 });
    await database.pool.query(statement).finally(() => database.close());
  }

  /** Everything that the process has written so far. */
  logOf(name: string): string {
    return fs.readFileSync(path.join(this.system.installation.data.logs, `${name}.log`), 'utf8');
  }

  /** What must stay secret of everybody who was paid so far, and stands in something that a process wrote. */
  async leaks(): Promise<string[]> {
    const { data, ports } = this.system.installation;
    const people = generatePeople({ count: this.nextPerson - 1 });
    const codes = await codesInOutbox(localUrl(ports.messaging));
    if (codes.length < people.length)
      throw new Error('there are fewer codes than people who were asked for one');
    return leaks({ data, people, codes });
  }

  /** So many payments share a ledger transaction from now on; by the operator's command. */
  async putPerEnvelope(payments: number): Promise<void> {
    const terms = ['payment-terms', ORGANISATION, '--payments-per-envelope', String(payments)];
    const command = spawnSync(process.execPath, [compiled('apps/dashboard-api/src/cli/tenants'), ...terms], {
      env: appEnvironment('dashboardApi', this.system.installation),
    });
    if (command.status !== 0) throw new Error(`the terms were not changed: ${command.stderr.toString()}`);
    // Terms that were read before are kept for two seconds.
    await pause(TERMS_KEPT_MS);
  }

  /** Kills the process when the condition holds, and waits until the supervisor has it back. */
  async killWhen(name: string, condition: () => boolean): Promise<void> {
    await until(condition, { withinMs: 150_000 });
    const pid = name === 'postgres' ? this.postmaster() : this.system.supervisor.pidOf(name);
    if (pid === undefined) throw new Error(`${name} is not running`);
    this.killed.add(name);
    process.kill(pid, 'SIGKILL');
    await until(() => this.events.some((event) => event.kind === 'ready again' && event.name === name));
  }

  /** The server itself; what the supervisor knows is the process that keeps it. */
  private postmaster(): number | undefined {
    return findPostgres(this.system.installation.data.postgres)?.pid;
  }
}
