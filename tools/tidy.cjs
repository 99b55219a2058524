'use strict';
/** House rules that no other tool knows: names of files, their length, words, documents. One line per finding. */
const fs = require('node:fs');
const path = require('node:path');

const IGNORED = new Set([
  'node_modules',
  'dist',
  '.git',
  '.data',
  '.kafka',
  'coverage',
  'corpus',
  'naive',
  'samples',
]);
const SUFFIXES = new Set([
  ...['module', 'controller', 'guard', 'dto', 'service', 'policy', 'state-machine', 'errors', 'repository'],
  ...['read-model', 'entity', 'handler', 'consumer', 'job', 'port', 'adapter', 'config', 'v1', 'migration'],
  ...[
    'filter',
    'strategy',
    'bench',
    'fake',
    'openapi',
    'spec',
    'int-spec',
    'contract',
    'e2e-spec',
    'sim-spec',
    // TypeScript's own name for declarations of somebody else's code.
    'd',
  ],
]);
const BANNED_NAMES = new Set([
  'utils',
  'util',
  'common',
  'shared',
  'helpers',
  'helper',
  'misc',
  'manager',
  'base',
]);
/** Made by `npm run gen`: judged by what they are made from. */
const GENERATED = new Set(['libs/staff-client/src/staff-api.ts']);
const LINES_MAX = 400;
/** Older files that are longer: they may shrink, not grow. */
const LINES_ALLOWED = {};

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const SKIPPED_TEST = /\b(?:it|test|describe)\.(?:skip|only|todo)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/;
/** Where suites with Kafka are left out on purpose, and said so. */
const MAY_SKIP = 'libs/testing/src/kafka/describe-with-kafka.ts';

function* filesBelow(root, folder = '') {
  for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
    const relative = path.posix.join(folder, entry.name);
    if (IGNORED.has(entry.name) || GENERATED.has(relative)) continue;
    if (entry.isDirectory()) yield* filesBelow(root, relative);
    else if (entry.isFile()) yield relative;
  }
}

/** @returns {string[]} what is untidy, as `file: why` */
function findings(root) {
  const found = [];
  for (const file of filesBelow(root)) {
    found.push(...namesOf(file).map((why) => `${file}: ${why}`));
    if (
      /\.(ts|cjs|mjs|md|sql|json|ya?ml|sh)$|(^|\/)(Dockerfile|run)$/.test(file) &&
      file !== 'package-lock.json'
    ) {
      const text = fs.readFileSync(path.join(root, file), 'utf8');
      found.push(...contentOf(file, text).map((why) => `${file}: ${why}`));
    }
  }
  return [...found, ...lockFile(root)];
}

function namesOf(file) {
  const why = [];
  for (const part of file.split('/')) {
    const plain = part.split('.')[0];
    if (BANNED_NAMES.has(plain)) why.push(`"${plain}" says nothing: name the concept`);
  }
  if (!/^(apps|libs)\/.*\.ts$/.test(file)) return why;
  const [noun, ...suffixes] = path.posix.basename(file, '.ts').split('.');
  if (!KEBAB.test(noun)) why.push('file names are kebab-case');
  for (const suffix of suffixes) {
    if (!SUFFIXES.has(suffix)) why.push(`".${suffix}" is not one of the suffixes (tools/tidy.cjs)`);
  }
  return why;
}

function contentOf(file, text) {
  const why = [];
  if (/\.(ts|cjs|mjs)$/.test(file)) why.push(...codeOf(file, text));
  if (file.endsWith('.md')) why.push(...documentOf(text));
  why.push(...machinePathsOf(file, text));
  return why;
}

function codeOf(file, text) {
  const why = [];
  const lines = text.split('\n').length - 1;
  const allowed = LINES_ALLOWED[file] ?? LINES_MAX;
  if (lines > allowed) why.push(`${lines} lines, at most ${allowed}: split it by subject`);
  if (file.startsWith('tools/tidy')) return why;
  if (SKIPPED_TEST.test(text) && file !== MAY_SKIP) why.push('a skipped or focused test');
  if (/\b(TODO|FIXME|XXX)\b/.test(text)) why.push('an unfinished note: do it, or write an issue');
  for (const [line] of text.matchAll(/eslint-disable.*/g)) {
    if (!/ -- \S/.test(line)) why.push('an eslint-disable without ` -- reason`');
  }
  const isSchema = /^libs\/persistence\/|\.migration\.ts$/.test(file);
  if (!isSchema && /\bnumeric\(/i.test(text))
    why.push('amounts are bigint columns; numeric( only in persistence and migrations');
  return why;
}

/** One title per document, so that lists of documents and links have a name for it. */
function documentOf(text) {
  const withoutCode = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  const titles = withoutCode.match(/^# .+/gm)?.length ?? 0;
  return titles === 1 ? [] : [`${titles} titles (# …), exactly one is wanted`];
}

/** A path of somebody's machine works nowhere else. */
function machinePathsOf(file, text) {
  if (file.startsWith('tools/tidy')) return [];
  const match = /(^|[\s'"`(=:])(\/(?:work|root|Users\/\w+|home\/(?!node\b|app\b)\w+)\/[^\s'"`)]*)/m.exec(
    text,
  );
  return match === null ? [] : [`a path of one machine: ${match[2]}`];
}

/** The lock must install from whatever registry the reader uses (`omit-lockfile-registry-resolved`). */
function lockFile(root) {
  const lock = path.join(root, 'package-lock.json');
  if (!fs.existsSync(lock)) return [];
  const host = /"resolved": "(https?:\/\/[^/"]+)/.exec(fs.readFileSync(lock, 'utf8'));
  return host === null ? [] : [`package-lock.json: names the registry ${host[1]}`];
}

module.exports = { findings };

if (require.main === module) {
  const found = findings(path.join(__dirname, '..'));
  for (const line of found) console.log(line);
  if (found.length > 0) process.exitCode = 1;
}
