import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tsdoc from 'eslint-plugin-tsdoc'
import tseslint from 'typescript-eslint'
import house from './scripts/lint/plugin.mjs'

const SRC = ['packages/*/src/**/*.ts']
const TYPED = ['packages/**/*.ts', 'examples/**/*.ts', 'tests/**/*.ts', '*.config.ts']

/** What may be read only through an injected port, so that a virtual clock and a seed decide every run. */
const AMBIENT = {
  'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: 'Take the time from the clock you were given.' },
    { object: 'Math', property: 'random', message: 'Take randomness from the source you were given.' },
    { object: 'globalThis', property: 'setTimeout' },
    { object: 'globalThis', property: 'setInterval' },
    { object: 'globalThis', property: 'setImmediate' },
    { object: 'globalThis', property: 'performance' },
    { object: 'globalThis', property: 'crypto' },
    { object: 'process', property: 'hrtime' },
  ],
  'no-restricted-imports': [
    'error',
    { paths: ['node:timers', 'node:timers/promises', 'node:perf_hooks', 'timers', 'timers/promises', 'perf_hooks'] },
  ],
}

/** Syntax that would let two kernels in one process see each other, or time pass unseen. */
const SHARED_STATE = [
  {
    selector: 'Program > VariableDeclaration[kind="let"], Program > ExportNamedDeclaration > [kind="let"]',
    message: 'No mutable state at module level: two kernels in one process must not see each other.',
  },
  {
    selector:
      ':matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator > :matches(NewExpression[callee.name=/^(Map|Set|Array)$/][arguments.length=0], ArrayExpression[elements.length=0], ObjectExpression[properties.length=0])',
    message: 'An empty container at module level is shared state. Move it into what owns it, or freeze a constant.',
  },
]
const NEW_DATE = {
  selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
  message: 'Take the time from the clock you were given.',
}
const UNFINISHED_TESTS = {
  selector:
    'MemberExpression[property.name=/^(only|skip|todo|skipIf|runIf|fails)$/][object.name=/^(it|test|describe|suite|bench)$/]',
  message: 'No focused or skipped tests. What needs data or a system package goes through tests/setup/needs.ts.',
}

const SIZES = {
  'max-lines': ['error', { max: 400 }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', { max: 3 }],
}

export default defineConfig(
  {
    ignores: ['**/dist/', '**/node_modules/', 'docs/reference/api/', '.reports/', 'tests/.fences/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    plugins: { house },
    rules: {
      ...SIZES,
      'house/file-names': 'error',
      eqeqeq: ['error', 'always'],
      'no-var': 'error',
      'prefer-const': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        AbortSignal: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        module: 'writable',
        require: 'readonly',
      },
    },
  },
  {
    files: TYPED,
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { tsdoc },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'tsdoc/syntax': 'error',
      'max-params': 'off',
      '@typescript-eslint/max-params': ['error', { max: 3, countVoidThis: false }],
      '@typescript-eslint/no-explicit-any': ['error', { fixToUnknown: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      // A caller gets its own signal.reason back untouched, whatever it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Ports are objects of closures: their methods have no receiver to lose.
      '@typescript-eslint/unbound-method': 'off',
      // Registries are empty until a program merges its own rows in.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: SRC,
    rules: {
      ...AMBIENT,
      'no-restricted-syntax': ['error', ...SHARED_STATE, NEW_DATE],
      'house/documented-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
    },
  },
  {
    files: ['packages/kernel/src/time/**', 'packages/kernel/src/testing/virtual-clock.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': ['error', ...SHARED_STATE],
    },
  },
  {
    files: ['tests/**/*.ts', 'examples/**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'no-restricted-syntax': ['error', UNFINISHED_TESTS],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
    },
  },
)
