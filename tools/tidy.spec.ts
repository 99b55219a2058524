import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { findings } from './tidy.cjs';

/** What is planted, and a part of what must be said about it. */
const UNTIDY: readonly (readonly [why: string, file: string, text: string])[] = [
  ['"utils" says nothing', 'libs/receivers/src/utils.ts', 'export const one = 1;\n'],
  ['"shared" says nothing', 'libs/shared/src/index.ts', 'export const one = 1;\n'],
  ['".thing" is not one of the suffixes', 'libs/receivers/src/receiver.thing.ts', 'export const one = 1;\n'],
  ['file names are kebab-case', 'apps/messaging/src/sendMail.ts', 'export const one = 1;\n'],
  ['402 lines, at most 400', 'libs/receivers/src/long.ts', '// a line\n'.repeat(402)],
  ['a skipped or focused test', 'libs/receivers/src/a.spec.ts', "it.skip('is not run', () => undefined);\n"],
  [
    'a skipped or focused test',
    'libs/receivers/src/b.spec.ts',
    "describe.only('runs alone', () => undefined);\n",
  ],
  ['an unfinished note', 'libs/receivers/src/note.ts', '// TODO: later\n'],
  ['an eslint-disable without', 'libs/receivers/src/quiet.ts', '// eslint-disable-next-line no-console\n'],
  [
    'amounts are bigint columns',
    'libs/receivers/src/amount.repository.ts',
    'export const sql = `amount numeric(19,7)`;\n',
  ],
  ['2 titles', 'docs/two.md', '# One\n\n# Two\n'],
  ['0 titles', 'docs/none.md', 'Text.\n'],
  ['a path of one machine', 'docs/path.md', '# Path\n\nSee /home/somebody/checkout/file.\n'],
  ['names the registry', 'package-lock.json', '{ "resolved": "https://registry.example.org/a.tgz" }\n'],
];

const TIDY: Record<string, string> = {
  'libs/receivers/src/receiver-wallet.state-machine.spec.ts': "it('runs', () => undefined);\n",
  'libs/receivers/src/amount.migration.ts': 'export const sql = `share numeric(38,0)`;\n',
  'libs/receivers/src/reason.ts': '// eslint-disable-next-line no-console -- a person reads it\n',
  'docs/code.md': '# One\n\n```sh\n# not a title\n```\n',
  'node_modules/some/utils.js': '// TODO\n',
};

describe('the tidy check', () => {
  let tree: string;

  beforeEach(() => {
    tree = fs.mkdtempSync(path.join(os.tmpdir(), 'tidy-'));
  });
  afterEach(() => {
    fs.rmSync(tree, { recursive: true, force: true });
  });

  it.each(UNTIDY)('says: %s (%s)', (why, file, text) => {
    plant(file, text);
    const found = findings(tree);
    expect(found.length).toBeGreaterThan(0);
    for (const line of found) expect(line).toContain(why);
  });

  it('says nothing about tidy files', () => {
    for (const [file, text] of Object.entries(TIDY)) plant(file, text);
    expect(findings(tree)).toEqual([]);
  });

  function plant(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
    fs.writeFileSync(path.join(tree, file), text);
  }
});
