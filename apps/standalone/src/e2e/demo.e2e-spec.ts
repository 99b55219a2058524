import path from 'node:path';

import { formatAmount } from '@libs/kernel';
import { describeWithKafka } from '@libs/testing';

import { generatePeople } from '../people/people-generator';
import { openDataFolder } from '../system/data-folder';
import { localUrl } from '../system/installation';
import { portPlan } from '../system/port-plan';
import { codesInOutbox, leaks } from './leaks';
import { processesOf, Program, textsBelow } from './program';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';
import { until } from './until';

const PEOPLE = 40;
/** The supervisor would hide it by starting the process again. */
const ENDED_BY_ITSELF = /it is started again in/;

describe('the demo', () => {
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

  it('pays everybody once and prints the proof as one line of JSON', async () => {
    const program = run('--people', String(PEOPLE), '--json');
    await until(() => program.output.includes('\n') || !program.isRunning, { withinMs: 240_000 });
    expect(JSON.parse(program.output)).toMatchObject({
      people: PEOPLE,
      invited: PEOPLE,
      registered: PEOPLE,
      paid: PEOPLE,
      confirmedOnLedger: PEOPLE,
      doublePaid: 0,
      sumsEqual: true,
      passed: true,
    });
    expect(program.errors).not.toMatch(ENDED_BY_ITSELF);
  }, 300_000);

  it('has written no phone number, date of birth, code or key anywhere', async () => {
    const [program] = programs;
    const { messaging } = portPlan(portBase);
    const codes = await codesInOutbox(localUrl(messaging));
    expect(codes.length).toBeGreaterThanOrEqual(PEOPLE);
    expect(await program?.end('SIGINT')).toBe(0);
    const data = openDataFolder(dataFolder);
    expect(textOfLogs(data.logs)).toContain('the ledger has decided');
    const people = generatePeople({ count: PEOPLE });
    const printed = `${program?.output}${program?.errors}`;
    expect(leaks({ data, people, codes, printed })).toEqual([]);
  });

  it('is one trace in the logs, from the upload through every app to the last payment', () => {
    const logOf = (app: string): string[] =>
      [...textsBelow(openDataFolder(dataFolder).logs)]
        .filter(({ file }) => path.basename(file) === `${app}.log`)
        .flatMap(({ text }) => text.split('\n'));
    const [upload] = logOf('dashboard-api').filter((line) => line.includes('a file of people was published'));
    const traceId = /"trace_id":"([0-9a-f]{32})"/.exec(upload ?? '')?.[1] ?? 'none';
    const told = (app: string, message: string): number =>
      logOf(app).filter((line) => line.includes(traceId) && line.includes(message)).length;
    expect(told('messaging', '"kind":"invitation"')).toBe(PEOPLE);
    expect(told('disbursement-core', 'payments are handed over')).toBeGreaterThan(0);
    expect(told('transaction-submission', 'the ledger has decided')).toBeGreaterThan(0);
    expect(told('disbursement-core', 'outcomes are applied')).toBeGreaterThan(0);
  });

  it('pays them and ten more in a second disbursement on the same data, and ends by itself', async () => {
    const program = run('--people', String(PEOPLE + 10), '--json', '--exit');
    expect(await program.exit()).toBe(0);
    expect(JSON.parse(program.output)).toMatchObject({
      people: PEOPLE + 10,
      paid: PEOPLE + 10,
      returning: PEOPLE,
      doublePaid: 0,
      sumsEqual: true,
      passed: true,
    });
    expect(processesOf(dataFolder)).toEqual([]);
  }, 300_000);

  function run(...words: string[]): Program {
    const program = new Program({ words: ['demo', ...words], dataFolder, portBase });
    programs.push(program);
    return program;
  }
});

describeWithKafka(
  'the demo with --kafka',
  () => {
    let dataFolder: string;
    let program: Program | undefined;

    beforeAll(() => {
      buildOnce();
      dataFolder = trialFolder();
    });

    afterAll(async () => {
      if (program?.isRunning === true) await program.end('SIGTERM');
      removeTrialFolder(dataFolder);
    });

    it('pays everybody once and prints the same table, and ends by itself', async () => {
      const people = generatePeople({ count: 20 });
      const sum = formatAmount(people.reduce((total, { amount }) => total + amount, 0n));
      const words = ['demo', '--people', '20', '--kafka', '--json', '--exit'];
      program = new Program({ words, dataFolder, portBase: await freePortBase() });
      const exitCode = await program.exit();
      expect(program.errors).not.toMatch(ENDED_BY_ITSELF);
      expect({ exitCode, printed: JSON.parse(program.output) as unknown }).toEqual({
        exitCode: 0,
        printed: {
          people: 20,
          invited: 20,
          registered: 20,
          paid: 20,
          confirmedOnLedger: 20,
          doublePaid: 0,
          sumsEqual: true,
          wrongAmount: 0,
          returning: 0,
          status: 'COMPLETED',
          sums: { inFile: sum, inPayments: sum, onLedger: sum, received: sum },
          events: 'KAFKA',
          startSeconds: expect.any(Number) as number,
          totalSeconds: expect.any(Number) as number,
          stages: expect.any(Object) as object,
          failures: [],
          passed: true,
        },
      });
      expect(processesOf(dataFolder)).toEqual([]);
    }, 240_000);
  },
  { ownBroker: true },
);

const textOfLogs = (folder: string): string => [...textsBelow(folder)].map(({ text }) => text).join('\n');
