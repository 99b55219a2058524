'use strict';
/**
 * Compiles every TypeScript source to dist/, each file only when it changed since the last build.
 * `npm run build` prints one line; `--force` compiles everything.
 */
const fs = require('node:fs');
const path = require('node:path');
const swc = require('@swc/core');
const { swcOptions } = require('./swc-options.cjs');

const NODE_MAJOR_MIN = 24;
if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  console.error(
    `Distributary runs on Node ${NODE_MAJOR_MIN}; this is ${process.versions.node}. On Linux x64 (glibc) npm installs it by itself ` +
      `(node_modules/.bin/node); elsewhere install Node ${NODE_MAJOR_MIN}.11 or newer.`,
  );
  process.exit(1);
}

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
const SOURCE_FOLDERS = ['libs', 'apps', 'bench', 'tools'];
const TEST_FILE = /\.(spec|int-spec|e2e-spec|sim-spec)\.ts$/;

function* sourcesBelow(folder) {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sourcesBelow(full);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts') && !TEST_FILE.test(entry.name))
      yield full;
  }
}

function build({ force = false } = {}) {
  const newestTool = Math.max(
    ...['build.cjs', 'swc-options.cjs'].map((name) => fs.statSync(path.join(__dirname, name)).mtimeMs),
  );
  const wanted = new Set();
  let compiled = 0;
  for (const folder of SOURCE_FOLDERS) {
    for (const source of sourcesBelow(path.join(root, folder))) {
      const target = path.join(dist, path.relative(root, source)).replace(/\.ts$/, '.js');
      wanted.add(target);
      const built = fs.statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (!force && built > Math.max(fs.statSync(source).mtimeMs, newestTool)) continue;
      const { code } = swc.transformFileSync(source, {
        ...swcOptions,
        filename: source,
        sourceMaps: 'inline',
      });
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.writeFileSync(target, code);
      compiled += 1;
    }
  }
  removeWhatHasNoSource(dist, wanted);
  return compiled;
}

function removeWhatHasNoSource(folder, wanted) {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) removeWhatHasNoSource(full, wanted);
    else if (!wanted.has(full)) fs.rmSync(full);
  }
}

module.exports = { build };

if (require.main === module) {
  const startedAt = performance.now();
  const compiled = build({ force: process.argv.includes('--force') });
  if (compiled > 0)
    console.log(`compiled ${compiled} files in ${Math.round(performance.now() - startedAt)} ms`);
}
