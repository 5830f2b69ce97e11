import js from '@eslint/js';
import globals from 'globals';
import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

/**
 * The house rule of who may import whom: core <- store, import, report <- bridge <- host, cli.
 * test/house/imports.test.ts walks the real imports; this gives the same answer in the editor.
 */
const forbid = (...groups) => [
  'error',
  {
    patterns: groups.map((group) => ({ group: [group], message: 'See docs/architecture.md: imports point one way.' })),
  },
];

export default ts.config(
  {
    ignores: [
      'node_modules',
      'out',
      'dist',
      'src/core/formula/*.generated*.ts',
      'test/bench/node_modules',
      'test-results',
      'playwright-report',
    ],
  },
  js.configs.recommended,
  ts.configs.recommended,
  ...svelte.configs['flat/recommended'],
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      'no-undef': 'off',
      eqeqeq: ['error', 'always'],
      'no-implied-eval': 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  // Sets and maps here live inside one derivation or handler: nothing watches them.
  { files: ['renderer/**'], rules: { 'svelte/prefer-svelte-reactivity': 'off' } },
  { files: ['**/*.svelte', '**/*.svelte.ts'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        'node:*',
        'electron',
        'better-sqlite3',
        '**/store/**',
        '**/import/**',
        '**/report/**',
        '**/bridge/**',
        '**/host/**',
        '**/cli/**',
        '**/worker/**',
      ),
      'no-restricted-globals': [
        'error',
        'window',
        'document',
        'process',
        'fetch',
        'setTimeout',
        'setInterval',
        'performance',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Pass a seeded generator.' },
        { object: 'Date', property: 'now', message: 'Pass the time as an argument.' },
      ],
    },
  },
  {
    files: ['src/store/**', 'src/import/**', 'src/report/**'],
    rules: { 'no-restricted-imports': forbid('**/bridge/**', '**/host/**', '**/cli/**', 'electron') },
  },
  { files: ['src/bridge/**'], rules: { 'no-restricted-imports': forbid('**/host/**', '**/cli/**', 'electron') } },
);
