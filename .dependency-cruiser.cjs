'use strict';
const { APPS, LEDGER_STELLAR_ENTRIES, LIBS, PURE } = require('./tools/architecture.cjs');

/** Tests, and the suites and fakes that only tests use. */
const TEST = '[.](spec|int-spec|e2e-spec|sim-spec|contract|fake)[.]ts$|/fake-[^/]+[.]ts$|/testing/';
const anyOf = (names) => `(${names.join('|')})`;
const error = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

/** One row of the import table. A test may reach further: it builds the world around what it tests. */
const only = (folder, allowed) =>
  error(
    `only:${folder}`,
    `${folder} may import: ${allowed.join(', ') || 'nothing of ours'} (tools/architecture.cjs)`,
    { path: `^${folder}/`, pathNot: TEST },
    { path: '^(libs|apps)/', pathNot: `^${anyOf([folder, ...allowed.map((name) => `libs/${name}`)])}/` },
  );

const inTable = [
  error(
    'in-the-table',
    'a library or app must have its row in tools/architecture.cjs',
    {
      path: '^(libs|apps)/[^/]+/',
      pathNot: `^${anyOf([...Object.keys(LIBS).map((name) => `libs/${name}`), ...Object.keys(APPS).map((name) => `apps/${name}`)])}/`,
    },
    {},
  ),
];

const ledgerStellar = Object.entries(LEDGER_STELLAR_ENTRIES)
  .filter(([, apps]) => apps !== null)
  .map(([entry, apps]) =>
    error(
      `ledger-stellar-${entry}`,
      `only ${apps.join(', ')} may import ledger-stellar's ${entry}`,
      { path: '^(libs|apps)/', pathNot: `^libs/ledger-stellar/|^apps/${anyOf(apps)}/|${TEST}` },
      { path: `^libs/ledger-stellar/src/${entry}[.]ts$` },
    ),
  );

module.exports = {
  forbidden: [
    ...inTable,
    ...Object.entries(LIBS).map(([name, allowed]) => only(`libs/${name}`, allowed)),
    ...Object.entries(APPS).map(([name, allowed]) => only(`apps/${name}`, allowed)),
    ...ledgerStellar,
    error('no-cycle', 'a cycle has no first file to read', {}, { circular: true }),
    error(
      'front-door-only',
      'a library is entered by its index.ts; ledger-stellar by its three entries',
      { path: '^(?:libs|apps)/([^/]+)/' },
      {
        path: '^libs/([^/]+)/',
        pathNot: `^libs/$1/|^libs/[^/]+/src/index[.]ts$|^libs/ledger-stellar/src/${anyOf(Object.keys(LEDGER_STELLAR_ENTRIES))}[.]ts$`,
      },
    ),
    error(
      'apps-stay-apart',
      'apps never import apps; tests may import the sandbox',
      { path: '^apps/([^/]+)/', pathNot: TEST },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    error(
      'tests-import-the-sandbox-only',
      'a test may import the sandbox and no other app',
      { path: `^(?:apps|libs)/([^/]+)/.*(${TEST})` },
      { path: '^apps/', pathNot: '^apps/($1|stellar-sandbox)/' },
    ),
    error(
      'libraries-do-not-know-apps',
      'a library serves apps; it never imports one',
      { path: '^libs/', pathNot: TEST },
      { path: '^apps/' },
    ),
    error(
      'pure-libraries',
      `${PURE.join(', ')} import no framework and do no input or output (zod in contracts, node:crypto for ids)`,
      { path: `^libs/${anyOf(PURE)}/`, pathNot: TEST },
      { path: '.', pathNot: '^libs/|(^|/)node_modules/zod/|^(node:)?crypto$' },
    ),
    error(
      'sql-in-its-place',
      'only persistence, repositories, read models, entities and migrations import TypeORM or pg',
      {
        path: '^(libs|apps)/',
        pathNot: `^libs/(persistence|testing)/|[.](entity|repository|read-model|migration)[.]ts$|${TEST}`,
      },
      { path: '(^|/)node_modules/(typeorm|pg|pg-copy-streams|@types/pg|@types/pg-copy-streams)/' },
    ),
    error(
      'kafka-in-its-place',
      'only eventing imports kafkajs',
      { path: '^(libs|apps)/', pathNot: '^libs/eventing/' },
      { path: '(^|/)node_modules/kafkajs/' },
    ),
    error(
      'edges-do-not-touch-rows',
      'controllers, consumers, handlers and jobs ask a service or repository',
      { path: '[.](controller|consumer|handler|job)[.]ts$' },
      { path: '[.]entity[.]ts$' },
    ),
    error(
      'no-test-code-in-production',
      "production code imports no test, fake or contract suite; a library's index may offer them to other tests",
      { path: '^(libs|apps)/', pathNot: `${TEST}|^libs/testing/|^libs/[^/]+/src/index[.]ts$` },
      { path: `${TEST}|^libs/testing/` },
    ),
    error(
      'no-development-package-in-production',
      'what production code imports belongs into dependencies of package.json',
      { path: '^(libs|apps)/', pathNot: `${TEST}|^libs/testing/` },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    error(
      'resolvable',
      'an import that leads nowhere',
      { path: '^(libs|apps|tools|bench)/' },
      { couldNotResolve: true },
    ),
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'node', 'default'],
      mainFields: ['types', 'main'],
    },
  },
};
