'use strict';
/**
 * `npm test`: builds, runs unit and integration tests in parallel, then the end-to-end tests one after the other
 * (each starts whole systems). Arguments go to jest: `npm test -- libs/eventing`. The last line adds everything up.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { build } = require('./build.cjs');

const root = path.join(__dirname, '..');
const results = path.join(root, 'node_modules', '.cache', 'test-results');
const workers = Math.max(2, Math.floor(os.availableParallelism() / 2));

const ROUNDS = [
  { name: 'unit-and-integration', args: ['--selectProjects', 'unit', 'int', `--maxWorkers=${workers}`] },
  { name: 'end-to-end', args: ['--selectProjects', 'e2e', '--runInBand'] },
];

function run({ name, args }, more) {
  const file = path.join(results, `${name}.json`);
  fs.rmSync(file, { force: true });
  fs.mkdirSync(results, { recursive: true });
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = [
    ...args,
    '--passWithNoTests',
    '--json',
    `--outputFile=${file}`,
    ...(more.length > 0 ? ['--', ...more] : []),
  ];
  // With --json jest prints the report for people to stderr and the JSON to stdout as well.
  const child = spawnSync(process.execPath, [jest, ...options], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = child.status ?? 1;
  if (!fs.existsSync(file)) return { code: code || 1, passed: 0, failed: 1 };
  const report = JSON.parse(fs.readFileSync(file, 'utf8'));
  // A suite that cannot even be loaded has no failed test, and is a failure all the same.
  return {
    code,
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
  };
}

build();
const more = process.argv.slice(2);
const outcomes = ROUNDS.map((round) => run(round, more));
const sum = (key) => outcomes.reduce((total, outcome) => total + outcome[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = Math.max(...outcomes.map(({ code }) => code), sum('failed') > 0 ? 1 : 0);
