'use strict';
const path = require('node:path');

/**
 * The one set of compiler options that the build and the tests share, so that a test never runs code that
 * the build would have compiled in another way.
 */
const root = path.join(__dirname, '..');

exports.swcOptions = {
  swcrc: false,
  configFile: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2023',
    keepClassNames: true,
    baseUrl: root,
    paths: {
      '@libs/ledger-stellar/*': ['libs/ledger-stellar/src/*'],
      '@libs/*': ['libs/*/src/index'],
    },
  },
  module: { type: 'commonjs', strict: true },
};
