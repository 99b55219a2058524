import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

import architecture from './tools/architecture.cjs';

const { APPS, LIBS, PURE } = architecture;

const TESTS = [
  '**/*.{spec,int-spec,e2e-spec,sim-spec,contract,fake}.ts',
  '**/fake-*.ts',
  '**/testing/**/*.ts',
  '**/e2e/*.ts',
];
/** Processes of developers, not of the platform. */
const TOOLING = ['tools/**/*.ts', 'bench/**/*.ts'];

const EVERYWHERE = [
  {
    selector: 'ExportAllDeclaration',
    message: 'Name what is exported: the front door of a library is a list.',
  },
  { selector: 'TSEnumDeclaration', message: 'Use a union of texts (`as const`).' },
  {
    selector:
      "CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|doMock|unstable_mockModule)$/] > Literal.arguments:first-child[value=/^(@libs\\u002f|[.])/]",
    message: 'Do not mock our own code: use a fake that passes the contract suite.',
  },
  {
    selector: "CallExpression[callee.name='forwardRef'], ImportSpecifier[imported.name='forwardRef']",
    message: 'A cycle with a bandage: use a port in the lower library, or an event.',
  },
];
const MONEY = [
  {
    selector: "CallExpression[callee.name='parseFloat']",
    message: 'Amounts are bigint stroops: parseAmount.',
  },
  {
    selector: "MemberExpression[object.name='Number'][property.name='parseFloat']",
    message: 'Amounts are bigint stroops: parseAmount.',
  },
  {
    selector: "CallExpression[callee.property.name='toFixed']",
    message: 'Amounts are bigint stroops: formatAmount.',
  },
];
const ENVIRONMENT = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only libs/config reads the environment.',
  },
  {
    selector: "MemberExpression[object.name='process'][property.value='env']",
    message: 'Only libs/config reads the environment.',
  },
];
const HIDDEN_INPUTS = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The time is an argument or comes from a Clock.',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'The time is an argument or comes from a Clock.',
  },
  {
    selector: "MemberExpression[object.name='performance'][property.name='now']",
    message: 'The time is an argument or comes from a Clock.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name=/^(round|floor|ceil|trunc|random)$/]",
    message: 'Money is not rounded by floats, and chance is an argument.',
  },
];

const FUNCTION =
  ':matches(FunctionDeclaration, ArrowFunctionExpression, MethodDefinition[kind!="constructor"] > FunctionExpression)';

/** The database transaction is context and comes first, so it does not count. Injected parts do not come in any order. */
const PARAMETERS = [
  {
    selector: `${FUNCTION}[params.length>4]:not([params.0.name="tx"])`,
    message: 'More than 4 parameters: take an options object.',
  },
  {
    selector: `${FUNCTION}[params.length>5]`,
    message: 'More than 4 parameters besides tx: take an options object.',
  },
  {
    selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>7]',
    message: 'A class that needs more than 7 parts is more than one class.',
  },
];

const restricted = (...groups) => ({ 'no-restricted-syntax': ['error', ...groups.flat()] });

/** The hint while typing; dependency-cruiser is the judge. */
const importTable = (folder, own, allowed) => {
  const refused = Object.keys(LIBS).filter(
    (name) => name !== own && name !== 'testing' && !allowed.includes(name),
  );
  if (refused.length === 0) return [];
  const patterns = [
    {
      regex: `^@libs/(${refused.join('|')})(/|$)`,
      message: `${folder} may import: ${allowed.join(', ') || 'nothing of ours'} (tools/architecture.cjs).`,
    },
  ];
  return [
    {
      files: [`${folder}/**/*.ts`],
      ignores: TESTS,
      rules: { 'no-restricted-imports': ['error', { patterns }] },
    },
  ];
};

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      'dist/',
      'coverage/',
      '.data/',
      '.kafka/',
      'bench/naive/**',
      '**/corpus/**',
      'libs/staff-client/src/staff-api.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: process.cwd() } },
    rules: {
      ...restricted(EVERYWHERE, PARAMETERS, MONEY, ENVIRONMENT),
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: false, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      // A Nest module is a class that only carries its decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // The rule sees no difference between a type argument that documents and one that does nothing.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // A method of a port is often `async` for the callers' sake.
      '@typescript-eslint/require-await': 'off',
      // Nest wires classes by value imports; which `import type` is safe is not visible to the rule.
      '@typescript-eslint/consistent-type-imports': 'off',
      // What is taken apart into characters here (addresses, seeds, codes) is ASCII.
      '@typescript-eslint/no-misused-spread': 'off',
      // Options of frameworks are declared as classes and given as literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...Object.entries(LIBS).flatMap(([name, allowed]) => importTable(`libs/${name}`, name, allowed)),
  ...Object.entries(APPS).flatMap(([name, allowed]) => importTable(`apps/${name}`, undefined, allowed)),
  {
    files: PURE.map((name) => `libs/${name}/**/*.ts`),
    ignores: TESTS,
    rules: restricted(EVERYWHERE, PARAMETERS, MONEY, ENVIRONMENT, HIDDEN_INPUTS),
  },
  { files: ['libs/config/**/*.ts'], rules: restricted(EVERYWHERE, PARAMETERS, MONEY) },
  {
    files: [...TESTS, ...TOOLING],
    rules: {
      ...restricted(EVERYWHERE),
      'max-lines-per-function': 'off',
      'no-console': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  // A migration is mostly SQL.
  { files: ['**/*.migration.ts'], rules: { 'max-lines-per-function': 'off' } },
  {
    // The network's own unions have dozens of kinds; `default` is where the rest is refused.
    files: ['apps/stellar-sandbox/**/*.ts', 'libs/ledger-stellar/**/*.ts'],
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, allowDefaultCaseForExhaustiveSwitch: true },
      ],
    },
  },
  {
    // What a person sees at the terminal.
    files: ['apps/standalone/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.{cjs,mjs,js}'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'require',
          'module',
          'exports',
          '__dirname',
          'process',
          'console',
          'performance',
          'URL',
          'setTimeout',
          'Buffer',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  prettier,
);
