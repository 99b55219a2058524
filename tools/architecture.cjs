'use strict';
/**
 * Who may import whom: the one table behind dependency-cruiser (`.dependency-cruiser.cjs`, the judge) and ESLint
 * (`eslint.config.mjs`, the hint while typing). `architecture.spec.ts` plants a violation of each rule.
 */

/** No framework, no input or output. */
const PURE = ['kernel', 'contracts', 'domain', 'ledger'];
/** Each may import the ones before it. */
const PLATFORM = ['config', 'observability', 'persistence', 'eventing', 'http', 'captcha'];
const GROUND = [...PURE, ...PLATFORM];

const LIBS = {
  kernel: [],
  contracts: ['kernel'],
  domain: ['kernel', 'contracts'],
  ledger: ['kernel', 'contracts'],

  config: ['kernel'],
  observability: ['kernel', 'config'],
  persistence: ['kernel', 'config', 'observability'],
  eventing: ['kernel', 'contracts', 'config', 'observability', 'persistence'],
  http: ['kernel', 'contracts', 'config', 'observability', 'persistence'],
  captcha: ['kernel', 'config'],

  tenants: GROUND,
  identity: [...GROUND, 'tenants'],
  catalogue: [...GROUND, 'tenants'],
  receivers: [...GROUND, 'tenants', 'catalogue'],
  disbursements: [...GROUND, 'tenants', 'catalogue', 'receivers', 'submissions'],
  messages: [...GROUND, 'tenants'],
  submissions: [...GROUND, 'tenants'],

  'ledger-stellar': ['kernel', 'contracts', 'ledger', 'config', 'observability'],
  'staff-client': [],
  'embedded-postgres': [],
  'local-kafka': [],
  testing: [...GROUND, 'embedded-postgres', 'local-kafka'],
};

const FEATURES = [
  'tenants',
  'identity',
  'catalogue',
  'receivers',
  'disbursements',
  'messages',
  'submissions',
];

const APPS = {
  'dashboard-api': [...GROUND, ...FEATURES, 'ledger-stellar'],
  'recipient-api': [
    ...GROUND,
    'tenants',
    'catalogue',
    'receivers',
    'disbursements',
    // What it saw of the account that a person registers with. The vault is not granted to its role.
    'submissions',
    'messages',
    'ledger-stellar',
  ],
  'disbursement-core': [
    ...GROUND,
    'tenants',
    'catalogue',
    'receivers',
    'disbursements',
    'submissions',
    'messages',
    'ledger-stellar',
  ],
  messaging: [...GROUND, 'tenants', 'catalogue', 'receivers', 'disbursements', 'messages', 'ledger-stellar'],
  // Of the catalogue and the payments it checks only what it was handed.
  'transaction-submission': [
    ...GROUND,
    'tenants',
    'catalogue',
    'disbursements',
    'submissions',
    'ledger-stellar',
  ],
  'stellar-sandbox': ['kernel', 'config', 'observability', 'http'],
  standalone: [
    'kernel',
    'config',
    'observability',
    'persistence',
    'eventing',
    'embedded-postgres',
    'local-kafka',
    'staff-client',
  ],
};

/** The only files of ledger-stellar that others enter by, and who may. Null: every app. */
const LEDGER_STELLAR_ENTRIES = {
  reader: null,
  submitter: ['transaction-submission'],
  'web-auth': ['recipient-api', 'messaging', 'dashboard-api'],
};

module.exports = { LIBS, APPS, PURE, LEDGER_STELLAR_ENTRIES };
