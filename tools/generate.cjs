'use strict';
/** Builds, then runs tools/generate with the same arguments: `--check` compares instead of writing. */
const { build } = require('./build.cjs');

build();
require('../dist/tools/generate/generate.js');
