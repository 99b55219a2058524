import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import type { Broker } from '@libs/local-kafka';
import { stopBroker } from '@libs/local-kafka';
import { APP_NAMES } from '@libs/persistence';
import { describeWithKafka, ownBroker, testDatabase, type TestDatabase } from '@libs/testing';

import { DemoRun } from '../demo/demo-run';
import { generatePeople } from '../people/people-generator';
import type { ProcessSpec } from '../supervisor/process-spec';
import { answersReady } from '../supervisor/readiness';
import { Supervisor } from '../supervisor/supervisor';
import { openDataFolder } from '../system/data-folder';
import type { Installation } from '../system/installation';
import { portPlan } from '../system/port-plan';
import { topology } from '../system/topology';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';
import { until } from './until';

const PEOPLE = 40;
const READY_WITHIN_MS = 120_000;
const RUN_WITHIN_MS = 150_000;
const LINES_TOLD = 40;

describeWithKafka(
  'the five apps, each started by a command of its own',
  () => {
    let folder: string;
    let database: TestDatabase;
    let broker: Broker;
    let ground: Supervisor;
    let installation: Installation;
    let commands: ChildProcess[] = [];

    beforeAll(async () => {
      buildOnce();
      folder = trialFolder();
      [database, broker] = await Promise.all([testDatabase(), ownBroker()]);
      installation = await outsideInstallation();
      const [first, second] = topology(installation);
      if (first === undefined || second === undefined) throw new Error('there is no ground to stand on');
      // The broker runs, and the database has its tables and the passwords of its roles.
      const ours = ({ name }: ProcessSpec): boolean => name !== 'kafka' && name !== 'migrate';
      const stages = [first, second].map((stage) => ({ ...stage, processes: stage.processes.filter(ours) }));
      ground = new Supervisor({ stages, logFolder: `${folder}/logs` });
      await ground.start();
    }, 120_000);

    afterAll(async () => {
      await Promise.all(commands.map(ended));
      await ground.stop();
      await stopBroker(broker.dataFolder);
      await database.drop();
      removeTrialFolder(folder);
    }, 60_000);

    it(
      'do the main job with Kafka and PostgreSQL of the environment',
      async () => {
        commands = startCommands();
        await until(allReady, { withinMs: READY_WITHIN_MS }).catch(() => notDone('not ready in time'));
        const people = generatePeople({ count: PEOPLE });
        const run = new DemoRun({ installation, people, name: 'Five commands' });
        const stand = (): string => JSON.stringify(run.counts());
        const result = await Promise.race([
          run.run().catch((error: unknown) => notDone(`${String(error)}, at ${stand()}`)),
          pause(RUN_WITHIN_MS, undefined, { ref: false }),
        ]);
        if (result === undefined) notDone(`not done in time: ${stand()}`);
        expect(result).toMatchObject({
          paid: PEOPLE,
          confirmedOnLedger: PEOPLE,
          doublePaid: 0,
          passed: true,
        });
      },
      READY_WITHIN_MS + RUN_WITHIN_MS + 30_000,
    );

    it('end by themselves on SIGTERM', async () => {
      expect(await Promise.all(commands.map(ended))).toEqual(APP_NAMES.map(() => 0));
    });

    const appProcesses = (): NonNullable<ReturnType<typeof topology>[number]>['processes'] =>
      topology(installation)[2]?.processes ?? [];

    const readyUrls = (): string[] =>
      appProcesses().flatMap(({ ready }) => (ready.kind === 'http' ? [ready.url] : []));

    const allReady = async (): Promise<boolean> =>
      (await Promise.all(readyUrls().map(answersReady))).every(Boolean);

    const startCommands = (): ChildProcess[] =>
      appProcesses().map(({ name, script, environment }) => {
        const log = fs.openSync(logOf(name), 'a');
        const command = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', log, log] });
        fs.closeSync(log);
        return command;
      });

    const logOf = (name: string): string => path.join(folder, `${name} by its command.log`);

    /** With what the commands wrote last: without it nobody could say why. */
    function notDone(what: string): never {
      const told = appProcesses().map(({ name }, index) => {
        const lines = fs.readFileSync(logOf(name), 'utf8').trimEnd().split('\n');
        const { exitCode, signalCode } = commands[index] ?? {};
        const state = `exit code ${String(exitCode)}, signal ${String(signalCode)}`;
        return [`${name} (${state})`, ...lines.slice(-LINES_TOLD)].join('\n');
      });
      throw new Error([what, ...told].join('\n\n'));
    }

    /** PostgreSQL and Kafka belong to somebody else: their addresses are all that is known. */
    async function outsideInstallation(): Promise<Installation> {
      const portBase = await freePortBase();
      const ports = { ...portPlan(portBase), broker: Number(broker.addresses.plaintext.split(':')[1]) };
      return {
        data: openDataFolder(folder),
        portBase,
        ports,
        kafka: true,
        embeddedPostgres: false,
        database: { ownerUrl: database.ownerUrl, urlOf: (app) => database.url(app) },
      };
    }
  },
  { ownBroker: true },
);

async function ended(command: ChildProcess): Promise<number | null> {
  if (command.exitCode === null && command.signalCode === null) {
    command.kill('SIGTERM');
    await once(command, 'exit');
  }
  return command.exitCode;
}
