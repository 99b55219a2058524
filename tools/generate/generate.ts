import fs from 'node:fs';
import path from 'node:path';

import { environmentDocument } from './environment-document';
import { eventDocuments } from './event-documents';
import { openApiFiles } from './open-api-files';
import { stateMachineDocuments } from './state-machine-documents';

/**
 * `npm run gen` writes the documents that are made from code; with `--check` nothing is written and each one that
 * differs, is missing or has no source any more is named.
 */
const root = path.join(__dirname, '..', '..', '..');
/** Folders whose every file is generated. */
const GENERATED_FOLDERS = ['docs/events', 'docs/state-machines'];

async function wantedFiles(): Promise<Map<string, string>> {
  return new Map([
    ...eventDocuments(),
    ...stateMachineDocuments(),
    ['docs/environment.md', environmentDocument()],
    ...(await openApiFiles()),
  ]);
}

function leftOver(wanted: ReadonlyMap<string, string>): string[] {
  return GENERATED_FOLDERS.flatMap((folder) => {
    const full = path.join(root, folder);
    const names = fs.existsSync(full) ? fs.readdirSync(full) : [];
    return names.map((name) => `${folder}/${name}`).filter((file) => !wanted.has(file));
  });
}

function textOf(file: string): string | undefined {
  const full = path.join(root, file);
  return fs.existsSync(full) ? fs.readFileSync(full, 'utf8') : undefined;
}

function check(wanted: ReadonlyMap<string, string>): void {
  const stale = [...wanted].filter(([file, text]) => textOf(file) !== text).map(([file]) => file);
  for (const file of [...stale, ...leftOver(wanted)])
    console.log(`${file} is not what the code says: npm run gen`);
  if (stale.length > 0 || leftOver(wanted).length > 0) process.exitCode = 1;
}

function write(wanted: ReadonlyMap<string, string>): void {
  for (const [file, text] of wanted) {
    if (textOf(file) === text) continue;
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
    console.log(`wrote ${file}`);
  }
  for (const file of leftOver(wanted)) {
    fs.rmSync(path.join(root, file));
    console.log(`removed ${file}`);
  }
}

async function main(): Promise<void> {
  const wanted = await wantedFiles();
  if (process.argv.includes('--check')) check(wanted);
  else write(wanted);
}

void main();
