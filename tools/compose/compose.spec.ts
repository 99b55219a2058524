import fs from 'node:fs';
import path from 'node:path';

import { GIVEN_TO_EACH_PROCESS, readSettings, type SettingName, SETTINGS } from '@libs/config';
import { z } from 'zod';
import { parse } from 'yaml';

import { composeEnvironment, environmentFile } from './compose-environment';

const root = path.join(__dirname, '..', '..');
const OURS = [
  'dashboard-api',
  'recipient-api',
  'disbursement-core',
  'messaging',
  'transaction-submission',
  'stellar-sandbox',
];
const JOBS = ['migrate', 'topics', 'ledger-accounts'];

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      read_only: z.boolean().optional(),
    }),
  ),
});

const compose = composeSchema.parse(
  parse(fs.readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), { merge: true }),
);
const dotEnv = composeEnvironment();

describe('deploy/Dockerfile', () => {
  it('gives each process what it is given when another one of ours starts it', () => {
    const lines = fs.readFileSync(path.join(root, 'deploy', 'Dockerfile'), 'utf8').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(
        Object.entries(GIVEN_TO_EACH_PROCESS).map(([name, value]) => `ENV ${name}=${value}`),
      ),
    );
  });
});

describe('docker-compose.yml', () => {
  it.each([...OURS, ...JOBS])('sets only variables of %s that libs/config knows', (name) => {
    const unknown = Object.keys(environmentOf(name)).filter((variable) => !(variable in SETTINGS));
    expect(unknown).toEqual([]);
  });

  it.each([...OURS, ...JOBS])('gives %s values that libs/config accepts', (name) => {
    const environment = environmentOf(name);
    const names = Object.keys(SETTINGS).filter(
      (variable): variable is SettingName => variable in environment,
    );
    expect(() => readSettings(names, environment)).not.toThrow();
  });

  it.each(OURS)('gives %s every variable that it reads and that has no default', (name) => {
    const required = settingsNamedIn(path.join(root, 'apps', name)).filter(
      (variable) => !SETTINGS[variable].schema.safeParse(undefined).success,
    );
    expect(required.filter((variable) => !(variable in environmentOf(name)))).toEqual([]);
  });

  it.each([...OURS, 'migrate', 'topics'])('starts %s from a file that the build makes', (name) => {
    const [program, script = ''] = compose.services[name]?.command ?? [];
    expect(program).toBe('node');
    const source = script.replace(/^dist\//, '').replace(/\.js$/, '.ts');
    expect(fs.existsSync(path.join(root, source))).toBe(true);
  });

  it('starts the apps after the schema, the topics and the ledger, and checks the health of everything', () => {
    for (const name of OURS.filter((app) => app !== 'stellar-sandbox')) {
      expect(compose.services[name]?.depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        topics: { condition: 'service_completed_successfully' },
        'ledger-accounts': { condition: 'service_completed_successfully' },
      });
    }
    for (const [name, service] of Object.entries(compose.services)) {
      expect([name, service.healthcheck !== undefined]).toEqual([name, !JOBS.includes(name)]);
    }
  });

  it('runs our containers with a read-only file system', () => {
    for (const name of [...OURS, ...JOBS]) expect(compose.services[name]?.read_only).toBe(true);
  });

  it('asks for exactly the secrets that npm run compose:env writes', () => {
    const text = fs.readFileSync(path.join(root, 'docker-compose.yml'), 'utf8');
    const asked = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, variable]) => variable));
    expect([...asked].sort()).toEqual(Object.keys(dotEnv).sort());
  });
});

describe('the .env file', () => {
  it('keeps a key of several lines on one line', () => {
    expect(environmentFile({ KEY: 'a\nb\n', NAME: 'x' })).toBe('KEY="a\\nb"\nNAME="x"\n');
  });
});

/** The names of settings that the sources of an app hold as texts, which is how `readSettings` is asked. */
function settingsNamedIn(folder: string): SettingName[] {
  const files = fs.existsSync(folder) ? fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const text = files
    .filter((file) => file.endsWith('.ts') && !/spec\.ts$|testing/.test(file))
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
  const names = Object.keys(SETTINGS).filter((name): name is SettingName => name in SETTINGS);
  return names.filter((name) => text.includes(`'${name}'`));
}

/** With the variables replaced as Docker Compose would: from .env, else the default after `:-`. */
function environmentOf(name: string): Record<string, string> {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return Object.fromEntries(
    Object.entries(service.environment).map(([variable, value]) => [
      variable,
      String(value).replaceAll(
        /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
        (_whole, key: string, kind: string, text: string) => dotEnv[key] ?? (kind === '-' ? text : ''),
      ),
    ]),
  );
}
