import path from 'node:path';

import { generatePeople } from '../people/people-generator';
import { openDataFolder } from '../system/data-folder';
import { portPlan } from '../system/port-plan';
import { processesOf, Program, textsBelow } from './program';
import { buildOnce, freePortBase, removeTrialFolder, trialFolder } from './trial-system';
import { until } from './until';

const PEOPLE = 40;

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
    await until(() => program.output.includes('\n') || !program.isRunning, { withinMs: 120_000 });
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
  }, 150_000);

  it('has written no phone number, date of birth, code or key anywhere', async () => {
    const [program] = programs;
    const codes = await codesInOutbox();
    expect(codes.length).toBeGreaterThanOrEqual(PEOPLE);
    expect(await program?.end('SIGINT')).toBe(0);
    const { keys, logs } = openDataFolder(dataFolder);
    const { operatorName: _, version: __, rolePasswords, operatorPassword, staffPassword, ...others } = keys;
    const secrets = [...Object.values(others), ...Object.values(rolePasswords)];
    const people = generatePeople({ count: PEOPLE });
    const personal = people.flatMap(({ name, phone, dateOfBirth }) => [name, phone.slice(1), dateOfBirth]);
    const written = [
      ...textsBelow(logs),
      { file: 'the terminal', text: `${program?.output}${program?.errors}` },
    ];
    const found = written.flatMap(({ file, text }) => [
      ...[...secrets, ...personal].filter((word) => text.includes(word)).map((word) => `${word} in ${file}`),
      ...codes.filter((code) => new RegExp(`\\b${code}\\b`).test(text)).map((code) => `${code} in ${file}`),
    ]);
    expect(found).toEqual([]);
    // The credentials of the demo are for the terminal, and for nowhere else.
    const logged = [...textsBelow(logs)].filter(
      ({ text }) => text.includes(operatorPassword) || text.includes(staffPassword),
    );
    expect(logged).toEqual([]);
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
  }, 150_000);

  function run(...words: string[]): Program {
    const program = new Program({ words: ['demo', ...words], dataFolder, portBase });
    programs.push(program);
    return program;
  }

  async function codesInOutbox(): Promise<string[]> {
    const url = `http://127.0.0.1:${String(portPlan(portBase).messaging)}/outbox?limit=100`;
    const { messages } = (await (await fetch(url)).json()) as {
      messages: { readonly kind: string; readonly body: string }[];
    };
    return messages
      .filter(({ kind }) => kind === 'one_time_code')
      .flatMap(({ body }) => /\b\d{6}\b/.exec(body)?.[0] ?? []);
  }
});
