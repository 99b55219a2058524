import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { erasePostgres } from '@libs/embedded-postgres';

import { type Benchmark, type BenchmarkReport, medianOf, mustBe, rounded } from './benchmark';
import { CleanUp } from './system/clean-up';

const ROOT = path.join(__dirname, '..');
const MAIN = path.join(ROOT, 'apps', 'standalone', 'src', 'main.js');
const BUILD = path.join(ROOT, '..', 'tools', 'build.cjs');
const FIRST_BASE = 20_000;
const SPAN = 23;
const BASES = 300;

interface StartAndStop {
  /** From the command to the sentence that everything is ready. */
  readonly startSeconds: number;
  readonly stopSeconds: number;
}

/**
 * `npm start` on a new data folder, and then so many times again on the same one; each time ended by what Ctrl-C sends. With
 * the look at whether something has to be built, as the command has it.
 */
export const startUpBenchmark: Benchmark = async ({ n, tell }): Promise<BenchmarkReport> => {
  const cleanUp = new CleanUp();
  const dataFolder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'distributary-start-up-')), 'data');
  cleanUp.add(() => {
    erasePostgres(path.join(dataFolder, 'postgres'));
    fs.rmSync(path.dirname(dataFolder), { recursive: true, force: true });
    return Promise.resolve();
  });
  try {
    const system = { dataFolder, portBase: await freeBase() };
    const first = await startAndStop(system, cleanUp);
    tell(`first start: ${sentenceOf(first)}`);
    const others: StartAndStop[] = [];
    for (let start = 1; start <= n; start += 1) {
      const other = await startAndStop(system, cleanUp);
      tell(`start ${String(start + 1)}: ${sentenceOf(other)}`);
      others.push(other);
    }
    return {
      id: 'start-up',
      n,
      metrics: {
        firstStartSeconds: first.startSeconds,
        laterStartSeconds: rounded(medianOf(others.map(({ startSeconds }) => startSeconds)), 2),
        slowestStopSeconds: Math.max(...[first, ...others].map(({ stopSeconds }) => stopSeconds)),
      },
      targets: { laterStartSeconds: { atMost: 8 }, slowestStopSeconds: { atMost: 10 } },
      gates: { laterStartSeconds: { atMost: 60 } },
    };
  } finally {
    await cleanUp.run();
  }
};

interface Place {
  readonly dataFolder: string;
  readonly portBase: number;
}

async function startAndStop(place: Place, cleanUp: CleanUp): Promise<StartAndStop> {
  const began = performance.now();
  spawnSync(process.execPath, [BUILD], { stdio: 'ignore' });
  const child = spawn(process.execPath, [MAIN, 'start'], {
    env: { ...process.env, DATA_DIR: place.dataFolder, PORT_BASE: String(place.portBase), DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanUp.add(() => ended(child, 'SIGTERM').then(() => undefined));
  await untilItSays(child, 'Ready after');
  const startSeconds = secondsSince(began);
  const health = await fetch(`http://127.0.0.1:${String(place.portBase)}/health`);
  mustBe('the health of the staff API', health.status, 200);
  const told = performance.now();
  mustBe('the exit code after Ctrl-C', await ended(child, 'SIGINT'), 0);
  const stopSeconds = secondsSince(told);
  mustBe('ports that are still taken', await takenPorts(place.portBase), 0);
  return { startSeconds, stopSeconds };
}

async function untilItSays(child: ChildProcess, words: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(words)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('close', () => {
      reject(new Error(`it ended before it was ready: ${said}`));
    });
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const end = once(child, 'close');
    child.kill(signal);
    await end;
  }
  return child.exitCode;
}

async function freeBase(): Promise<number> {
  for (let tries = 1; tries <= BASES; tries += 1) {
    const base = FIRST_BASE + SPAN * Math.floor(Math.random() * BASES);
    if ((await takenPorts(base)) === 0) return base;
  }
  throw new Error('no free range of ports');
}

async function takenPorts(base: number): Promise<number> {
  const taken = await Promise.all(Array.from({ length: SPAN }, (_, offset) => isTaken(base + offset)));
  return taken.filter(Boolean).length;
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => {
      resolve(true);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(false);
      });
    });
  });
}

const secondsSince = (began: number): number => rounded((performance.now() - began) / 1_000, 2);

const sentenceOf = ({ startSeconds, stopSeconds }: StartAndStop): string =>
  `ready after ${String(startSeconds)} s, stopped in ${String(stopSeconds)} s`;
