import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

import { portPlan } from '../system/port-plan';
import { processesOf, Program } from './program';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';
import { until } from './until';

describe('the standalone system', () => {
  let dataFolder: string;
  let portBase: number;
  const programs: Program[] = [];

  beforeAll(async () => {
    buildOnce();
    dataFolder = trialFolder();
    portBase = await freePortBase();
  });

  afterAll(async () => {
    await Promise.all(
      programs.filter((program) => program.isRunning).map((program) => program.end('SIGTERM')),
    );
    removeTrialFolder(dataFolder);
  });

  it('starts, says where everything is, and stops on Ctrl-C with nothing left behind', async () => {
    const program = start();
    await program.ready();
    await until(() => program.output.includes('Ctrl-C stops everything'));
    expect(program.output).toContain("The demo's organisation is not there yet");
    expect((await fetch(`http://127.0.0.1:${String(portBase)}/health`)).status).toBe(200);
    const keys = fs.readFileSync(`${dataFolder}/keys.json`, 'utf8');
    expect(await program.end('SIGINT')).toBe(0);
    expect(processesOf(dataFolder)).toEqual([]);
    expect(fs.readFileSync(`${dataFolder}/keys.json`, 'utf8')).toBe(keys);
  }, 120_000);

  it('leaves nothing behind when it is killed, and starts again where it was', async () => {
    const program = start();
    await program.ready();
    const ledger = await latestLedger();
    await program.end('SIGKILL');
    await until(() => processesOf(dataFolder).length === 0);
    const again = start();
    await again.ready();
    expect(await latestLedger()).toBeGreaterThanOrEqual(ledger);
    await until(async () => (await latestLedger()) > ledger);
  }, 120_000);

  it('refuses a second start on the same data, and on ports that are taken, in one sentence each', async () => {
    const sameData = start({ portBase: await freePortBase() });
    expect(await sameData.exit()).toBe(1);
    expect(sameData.errors).toBe(`The system in ${dataFolder} is running already: stop it first.\n`);

    const otherBase = await freePortBase();
    const listener = net.createServer().listen(portPlan(otherBase).messaging, '127.0.0.1');
    await once(listener, 'listening');
    const otherFolder = trialFolder();
    const samePort = start({ portBase: otherBase, dataFolder: otherFolder });
    expect(await samePort.exit()).toBe(1);
    expect(samePort.errors).toMatch(
      /^Port \d+, where messaging should listen, is taken [^\n]*PORT_BASE[^\n]*\n$/,
    );
    listener.close();
    removeTrialFolder(otherFolder);
  }, 60_000);

  it('does not wipe the data of a system that runs', async () => {
    const program = start({ words: ['--fresh'] });
    expect(await program.exit()).toBe(1);
    expect(program.errors).toBe(`The system in ${dataFolder} is running: stop it first.\n`);
  });

  function start(more: Partial<{ words: string[]; dataFolder: string; portBase: number }> = {}): Program {
    const program = new Program({ words: ['start'], dataFolder, portBase, ...more });
    programs.push(program);
    return program;
  }

  async function latestLedger(): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${String(portPlan(portBase).sandbox)}/`);
    const { history_latest_ledger: latest } = (await answer.json()) as { history_latest_ledger: number };
    return latest;
  }
});
