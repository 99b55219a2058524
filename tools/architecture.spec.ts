import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * A rule that refuses nothing looks the same as a rule that is kept. So each one is shown a planted violation, in a
 * small tree of its own with the real configuration of both tools.
 */
const root = path.join(__dirname, '..');
const run = promisify(execFile);

/** Files that break no rule: what they import is what the planted files import too. */
const CLEAN: Record<string, string> = {
  'libs/kernel/src/index.ts': `import { randomUUID } from 'node:crypto';\nexport const newId = (): string => randomUUID();\n`,
  'libs/contracts/src/index.ts': `import { z } from 'zod';\nexport const text = z.string();\n`,
  'libs/domain/src/index.ts': `export { text } from '@libs/contracts';\n`,
  'libs/ledger/src/index.ts': `export { FakeLedger } from './ledger.fake';\n`,
  'libs/ledger/src/ledger.fake.ts': `export class FakeLedger {\n  readonly name = 'fake';\n}\n`,
  'libs/ledger-stellar/src/reader.ts': `export const read = 1;\n`,
  'libs/ledger-stellar/src/submitter.ts': `export const submit = 1;\n`,
  'libs/ledger-stellar/src/web-auth.ts': `export const challenge = 1;\n`,
  'libs/ledger-stellar/src/horizon.ts': `export const horizon = 1;\n`,
  'libs/persistence/src/index.ts': `import { Pool } from 'pg';\nexport const pool = (): Pool => new Pool();\n`,
  'libs/eventing/src/index.ts': `import { Kafka } from 'kafkajs';\nexport const kafka = (): Kafka => new Kafka({ brokers: [] });\n`,
  'libs/testing/src/index.ts': `export const given = 1;\n`,
  'libs/tenants/src/index.ts': `export const tenant = 1;\n`,
  'libs/receivers/src/index.ts': `export { tenant } from '@libs/tenants';\n`,
  'libs/receivers/src/receiver.entity.ts': `export class Receiver {\n  readonly id = '';\n}\n`,
  'libs/receivers/src/receiver.repository.ts': `import { Client } from 'pg';\nexport const client = (): Client => new Client();\n`,
  'libs/receivers/src/receiver.spec.ts': `import { given } from '@libs/testing';\nimport { FakeLedger } from '@libs/ledger';\nexport const both = [given, FakeLedger];\n`,
  'apps/transaction-submission/src/main.ts': `import { submit } from '@libs/ledger-stellar/submitter';\nexport const main = submit;\n`,
  'apps/recipient-api/src/main.ts': `import { challenge } from '@libs/ledger-stellar/web-auth';\nimport { read } from '@libs/ledger-stellar/reader';\nexport const main = [challenge, read];\n`,
  'apps/stellar-sandbox/src/main.ts': `export const sandbox = 1;\n`,
  'apps/dashboard-api/src/main.ts': `export const dashboard = 1;\n`,
  'apps/recipient-api/src/sandbox.e2e-spec.ts': `import { sandbox } from '../../stellar-sandbox/src/main';\nexport const seen = sandbox;\n`,
};

/** The rule of dependency-cruiser, the planted file, what it says. */
const REFUSED_IMPORTS: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['only:libs/tenants', 'libs/tenants/src/a.ts', `export { tenant } from '@libs/receivers';`],
  ['only:libs/kernel', 'libs/kernel/src/a.ts', `export { text } from '@libs/contracts';`],
  ['only:libs/eventing', 'libs/eventing/src/a.ts', `export { tenant } from '@libs/tenants';`],
  [
    'only:apps/transaction-submission',
    'apps/transaction-submission/src/a.ts',
    `export { tenant } from '@libs/receivers';`,
  ],
  ['in-the-table', 'libs/extra/src/index.ts', `export { tenant } from '@libs/tenants';`],
  [
    'front-door-only',
    'apps/dashboard-api/src/b.ts',
    `export { Receiver } from '../../../libs/receivers/src/receiver.entity';`,
  ],
  [
    'front-door-only',
    'apps/dashboard-api/src/c.ts',
    `export { horizon } from '@libs/ledger-stellar/horizon';`,
  ],
  [
    'ledger-stellar-submitter',
    'apps/dashboard-api/src/d.ts',
    `export { submit } from '@libs/ledger-stellar/submitter';`,
  ],
  [
    'ledger-stellar-web-auth',
    'apps/disbursement-core/src/e.ts',
    `export { challenge } from '@libs/ledger-stellar/web-auth';`,
  ],
  [
    'apps-stay-apart',
    'apps/dashboard-api/src/f.ts',
    `export { sandbox } from '../../stellar-sandbox/src/main';`,
  ],
  [
    'tests-import-the-sandbox-only',
    'apps/recipient-api/src/g.spec.ts',
    `export { dashboard } from '../../dashboard-api/src/main';`,
  ],
  [
    'libraries-do-not-know-apps',
    'libs/receivers/src/h.ts',
    `export { sandbox } from '../../../apps/stellar-sandbox/src/main';`,
  ],
  [
    'pure-libraries',
    'libs/domain/src/i.ts',
    `import fs from 'node:fs';\nexport const file = fs.existsSync('x');`,
  ],
  [
    'pure-libraries',
    'libs/ledger/src/j.ts',
    `import { Keypair } from '@stellar/stellar-sdk';\nexport const key = Keypair;`,
  ],
  [
    'sql-in-its-place',
    'libs/receivers/src/k.service.ts',
    `import { Client } from 'pg';\nexport const client = Client;`,
  ],
  [
    'sql-in-its-place',
    'apps/dashboard-api/src/l.ts',
    `import type { Repository } from 'typeorm';\nexport type Rows = Repository<object>;`,
  ],
  [
    'kafka-in-its-place',
    'libs/receivers/src/m.int-spec.ts',
    `import { Kafka } from 'kafkajs';\nexport const kafka = Kafka;`,
  ],
  [
    'edges-do-not-touch-rows',
    'libs/receivers/src/n.controller.ts',
    `export { Receiver } from './receiver.entity';`,
  ],
  ['no-test-code-in-production', 'libs/receivers/src/o.ts', `export { given } from '@libs/testing';`],
  ['no-test-code-in-production', 'libs/ledger/src/p.ts', `export { FakeLedger } from './ledger.fake';`],
  [
    'no-development-package-in-production',
    'libs/receivers/src/q.ts',
    `import check from 'fast-check';\nexport const property = check.property;`,
  ],
  [
    'no-cycle',
    'libs/receivers/src/r.ts',
    `import { two } from './s';\nexport const one = (): number => two();`,
  ],
  ['resolvable', 'libs/receivers/src/t.ts', `export { nothing } from './nowhere';`],
];

/** The rule of ESLint, the planted file, what it says. */
const REFUSED_CODE: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-restricted-imports', 'libs/tenants/src/ea.ts', `export { tenant } from '@libs/receivers';`],
  [
    'no-restricted-imports',
    'apps/transaction-submission/src/eb.ts',
    `export { tenant } from '@libs/receivers';`,
  ],
  ['no-restricted-syntax', 'libs/receivers/src/ec.ts', `export const home = process.env['HOME'];`],
  ['no-restricted-syntax', 'libs/receivers/src/ed.ts', `export * from './receiver.repository';`],
  ['no-restricted-syntax', 'libs/receivers/src/ee.ts', `export enum Color {\n  Red = 'red',\n}`],
  ['no-restricted-syntax', 'libs/receivers/src/ef.ts', `export const amount = parseFloat('1.5');`],
  ['no-restricted-syntax', 'libs/receivers/src/eg.ts', `export const amount = (1.5).toFixed(7);`],
  ['no-restricted-syntax', 'libs/domain/src/eh.ts', `export const now = new Date();`],
  ['no-restricted-syntax', 'libs/kernel/src/ei.ts', `export const now = Date.now();`],
  ['no-restricted-syntax', 'libs/contracts/src/ej.ts', `export const dice = Math.random();`],
  ['no-restricted-syntax', 'libs/receivers/src/ek.spec.ts', `jest.mock('./receiver.repository');`],
  ['no-restricted-syntax', 'libs/receivers/src/el.spec.ts', `jest.mock('@libs/tenants');`],
  [
    'max-lines-per-function',
    'libs/receivers/src/em.ts',
    `export function long(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(70)}  return n;\n}`,
  ],
  [
    'no-restricted-syntax',
    'libs/receivers/src/en.ts',
    `export const sum = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;`,
  ],
  [
    'no-restricted-syntax',
    'libs/receivers/src/eu.ts',
    `export const sum = (tx: number, a: number, b: number, c: number, d: number, e: number): number => tx + a + b + c + d + e;`,
  ],
  [
    'no-restricted-syntax',
    'libs/receivers/src/ev.ts',
    `export class Many {\n  constructor(${'abcdefgh'
      .split('')
      .map((name) => `readonly ${name}: string`)
      .join(', ')}) {}\n}`,
  ],
  [
    '@typescript-eslint/explicit-module-boundary-types',
    'libs/receivers/src/eo.ts',
    `export const one = () => 1;`,
  ],
  [
    '@typescript-eslint/switch-exhaustiveness-check',
    'libs/receivers/src/ep.ts',
    `export function say(word: 'yes' | 'no'): number {\n  switch (word) {\n    case 'yes':\n      return 1;\n  }\n  return 0;\n}`,
  ],
  [
    '@typescript-eslint/no-floating-promises',
    'libs/receivers/src/eq.ts',
    `export function start(): void {\n  Promise.resolve();\n}`,
  ],
  [
    '@typescript-eslint/no-explicit-any',
    'libs/receivers/src/er.ts',
    `export const anything = (value: any): unknown => value as unknown;`,
  ],
  [
    '@typescript-eslint/no-non-null-assertion',
    'libs/receivers/src/es.ts',
    `export const first = (list: string[]): string => list[0]!;`,
  ],
  [
    '@typescript-eslint/only-throw-error',
    'libs/receivers/src/et.ts',
    `export function fail(): never {\n  throw 'no';\n}`,
  ],
];

const CLEAN_CODE = `export const fine = Math.max(new Date(0).getTime(), 1);\n`;

describe('the rules of the house, each shown a planted violation', () => {
  let tree: string;
  let imports: { rule: string; from: string }[];
  let code: { rule: string; from: string }[];

  beforeAll(async () => {
    tree = fs.mkdtempSync(path.join(os.tmpdir(), 'planted-'));
    const planted = [...REFUSED_IMPORTS, ...REFUSED_CODE].map(([, file, text]) => [file, text] as const);
    const more = [
      ['libs/receivers/src/s.ts', `import { one } from './r';\nexport const two = (): number => one();`],
    ] as const;
    for (const [file, text] of [
      ...Object.entries(CLEAN),
      ...planted,
      ...more,
      ['libs/kernel/src/fine.ts', CLEAN_CODE] as const,
    ]) {
      plant(tree, file, `${text.trimEnd()}\n`);
    }
    for (const name of [
      'tsconfig.json',
      'package.json',
      'tools',
      '.dependency-cruiser.cjs',
      'eslint.config.mjs',
      'node_modules',
    ]) {
      fs.symlinkSync(path.join(root, name), path.join(tree, name));
    }
    [imports, code] = await Promise.all([refusedImports(tree), refusedCode(tree)]);
  }, 120_000);

  afterAll(() => {
    fs.rmSync(tree, { recursive: true, force: true });
  });

  it.each(REFUSED_IMPORTS)('dependency-cruiser refuses by %s: %s', (rule, file) => {
    expect(imports).toContainEqual({ rule, from: file });
  });

  it.each(REFUSED_CODE)('ESLint refuses by %s: %s', (rule, file) => {
    expect(code).toContainEqual({ rule, from: file });
  });

  it('has planted a violation of every rule of dependency-cruiser', () => {
    const { forbidden } = jest.requireActual<{ forbidden: { name: string }[] }>('../.dependency-cruiser.cjs');
    const kinds = new Set(
      forbidden.map(({ name }) => (name.startsWith('only:') ? name.replace(/\/.*/, '') : name)),
    );
    const shown = new Set(
      REFUSED_IMPORTS.map(([name]) => (name.startsWith('only:') ? name.replace(/\/.*/, '') : name)),
    );
    expect([...kinds].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('lets pass what the rules allow', () => {
    const clean = new Set([...Object.keys(CLEAN), 'libs/kernel/src/fine.ts']);
    expect([...imports, ...code].filter(({ from }) => clean.has(from))).toEqual([]);
  });
});

function plant(tree: string, file: string, text: string): void {
  const full = path.join(tree, file);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, text);
}

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string }[];
  };
}

async function refusedImports(tree: string): Promise<{ rule: string; from: string }[]> {
  const output = await outputOf(tree, 'depcruise', [
    'libs',
    'apps',
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
  ]);
  const { summary } = JSON.parse(output) as CruiseResult;
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}

interface LintResult {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null }[];
}

async function refusedCode(tree: string): Promise<{ rule: string; from: string }[]> {
  const results = JSON.parse(
    await outputOf(tree, 'eslint', ['libs', 'apps', '--format', 'json']),
  ) as readonly LintResult[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => ({
      rule: ruleId ?? 'cannot be read',
      from: path.relative(fs.realpathSync(tree), filePath),
    })),
  );
}

/** Both tools end with a code that counts their findings; what they print is what matters. */
async function outputOf(tree: string, tool: string, args: readonly string[]): Promise<string> {
  const script = path.join(root, 'node_modules', '.bin', tool);
  const options = { cwd: tree, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await run(process.execPath, [fs.realpathSync(script), ...args], options)).stdout;
  } catch (error) {
    if (
      typeof error === 'object' &&
      error !== null &&
      'stdout' in error &&
      typeof error.stdout === 'string'
    ) {
      return error.stdout;
    }
    throw error;
  }
}
