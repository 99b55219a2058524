'use strict';
/**
 * `npm run check`: everything that is judged without running the system. All checks run, two at a time, each
 * reports in full when it fails, and the exit code is 1 when any did.
 */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const cache = path.join(root, 'node_modules', '.cache');
const bin = (name) => path.join(root, 'node_modules', '.bin', name);
const SOURCES = ['libs', 'apps', 'tools', 'bench'].filter((folder) => fs.existsSync(path.join(root, folder)));

/** The longest first, so that the last one to end is a short one. */
const CHECKS = {
  lint: [
    bin('eslint'),
    '.',
    '--max-warnings=0',
    '--cache',
    '--cache-strategy=content',
    `--cache-location=${cache}/eslint/`,
  ],
  format: [bin('prettier'), '--check', '--cache', '--log-level=warn', '.'],
  'dead code': [bin('knip'), '--no-progress'],
  'generated files': ['node', path.join(__dirname, 'generate.cjs'), '--check'],
  types: ['node', path.join(root, 'node_modules/typescript-7/bin/tsc'), '-p', 'tsconfig.json'],
  architecture: [bin('depcruise'), ...SOURCES, '--config', '.dependency-cruiser.cjs', '--output-type', 'err'],
  tidy: ['node', path.join(__dirname, 'tidy.cjs')],
};

function run(name) {
  const [command, ...args] = CHECKS[name];
  const startedAt = performance.now();
  return new Promise((resolve) => {
    // Scripts below .bin start with `env node`, which would be the system's older Node without this PATH.
    const env = {
      ...process.env,
      PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
    };
    const child = spawn(command === 'node' ? process.execPath : command, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ passed: false, output: String(error) }));
    child.on('close', (code) => resolve({ passed: code === 0, output }));
  }).then(({ passed, output }) => {
    console.log(`${passed ? '✓' : '✗'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    if (!passed) console.log(output.trimEnd().replace(/^/gm, '    '));
    return passed;
  });
}

async function main() {
  const asked = process.argv.slice(2);
  const waiting = asked.length > 0 ? asked : Object.keys(CHECKS);
  const unknown = waiting.filter((name) => !(name in CHECKS));
  if (unknown.length > 0)
    throw new Error(`no check is called ${unknown.join(', ')}: ${Object.keys(CHECKS).join(', ')}`);
  let allPassed = true;
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      if (!(await run(name))) allPassed = false;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, os.availableParallelism()) }, worker));
  if (!allPassed) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
