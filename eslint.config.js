import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const timeOutsideTheClock = [
  { object: 'Date', property: 'now', message: 'Time comes from the injected Clock.' },
  { object: 'performance', property: 'now', message: 'Time comes from the injected Clock.' },
]

export default defineConfig(
  { ignores: ['dist', 'coverage', 'docs/api', '**/.cache', 'tools/**/*.js', 'eslint.config.js'] },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // An abort rejects with the signal's own reason, whatever the aborter gave.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/clock.ts', 'src/emulator/**'],
    rules: {
      'no-restricted-properties': ['error', ...timeOutsideTheClock],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate'],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 40 }], 'max-lines': ['error', { max: 250 }] },
  },
)
