import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

export default defineConfig(
  {
    ignores: ['dist/', 'coverage/', 'test/package/consumers/', 'test/recipes/issuers/', 'bench/.cache/', 'reference/'],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts', 'examples/browser/pages/**/*.js'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/promise-function-async': 'off',
      '@typescript-eslint/strict-boolean-expressions': ['error', { allowString: false, allowNumber: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Index signatures are read with brackets, as the compiler demands.
      '@typescript-eslint/dot-notation': 'off',
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'no-param-reassign': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take a Clock (lib/clock.ts).' },
      ],
      eqeqeq: 'error',
    },
  },
  { files: ['src/lib/clock.ts', 'test/**', 'examples/**', 'bench/**'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['test/**/*.ts'], rules: { 'max-lines': 'off', 'max-params': 'off' } },
  // What is measured runs as it is, without a loader.
  {
    files: ['bench/**/*.js'],
    languageOptions: { globals: { Buffer: 'readonly', fetch: 'readonly', URL: 'readonly' } },
  },
  // What browsers are given as it is written: checked like TypeScript, with its types in comments.
  {
    files: ['examples/browser/pages/**/*.js'],
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      'no-undef': 'off',
      // A cast in a comment is seen by the compiler and not by ESLint.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['*.config.ts'], rules: { 'no-restricted-exports': 'off' } },
)
