'use strict';
const { swcOptions } = require('./tools/swc-options.cjs');

// These packages ship ES modules only; swc turns them into CommonJS for jest.
const ES_MODULES_ONLY = [
  '@nestjs',
  '@stellar',
  '@noble',
  '@exodus',
  'uint8array-extras',
  'jose',
  '@scure',
  'typeorm',
  'smol-toml',
  'eventsource',
  'eventsource-parser',
  'bignumber\\.js',
];

const { jsc, ...rest } = swcOptions;
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: testMatch.map((pattern) => `<rootDir>/{apps,libs,bench,tools}/**/${pattern}`),
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  setupFiles: ['reflect-metadata', '<rootDir>/libs/testing/src/jest/fuzz-seed.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...rest, jsc, sourceMaps: 'inline' }],
    '^.+\\.m?js$': ['@swc/jest', { swcrc: false, jsc: { target: 'es2023' }, module: { type: 'commonjs' } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${ES_MODULES_ONLY.join('|')})/)`],
  moduleNameMapper: {
    '^@libs/ledger-stellar/(.*)$': '<rootDir>/libs/ledger-stellar/src/$1',
    '^@libs/([^/]+)$': '<rootDir>/libs/$1/src/index',
  },
  ...more,
});

// Starts one PostgreSQL for the run, once, and only when a project that needs it was selected.
const withPostgres = {
  globalSetup: '<rootDir>/libs/testing/src/jest/global-setup.ts',
  globalTeardown: '<rootDir>/libs/testing/src/jest/global-teardown.ts',
};

module.exports = {
  testTimeout: 60_000,
  projects: [
    project('unit', ['*.spec.ts']),
    project('int', ['*.int-spec.ts', '*.sim-spec.ts'], withPostgres),
    project('e2e', ['*.e2e-spec.ts'], withPostgres),
  ],
};
