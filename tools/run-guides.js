// Runs the tests of examples/test-your-code by the three runners, on the build in dist/, resolved as a user's would be:
// vitest by import, jest by require, node:test by import. Prints one line per runner and fails when one does.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const work = join(root, '.cache/guides')

rmSync(work, { recursive: true, force: true })
mkdirSync(join(work, 'node_modules'), { recursive: true })
cpSync(join(root, 'examples/test-your-code'), work, { recursive: true })
symlinkSync(root, join(work, 'node_modules/aws-secrets-client'), 'junction')
writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
// Without it vitest would take the configuration of the library.
writeFileSync(join(work, 'vitest.config.mjs'), 'export default {}\n')
// Stands in for ts-jest, @swc/jest or babel, of which a user has one.
writeFileSync(
  join(work, 'transform.cjs'),
  `const ts = require('typescript')
const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 }
module.exports = { process: (code) => ({ code: ts.transpileModule(code, { compilerOptions }).outputText }) }
`,
)
writeFileSync(
  join(work, 'jest.config.cjs'),
  `module.exports = {
  testMatch: ['<rootDir>/jest/*.test.ts'],
  transform: { '\\\\.ts$': '<rootDir>/transform.cjs' },
  moduleNameMapper: { '^(\\\\.{1,2}/.*)\\\\.js$': '$1' },
}
`,
)

const modules = join(root, 'node_modules')
const runners = {
  vitest: [join(modules, 'vitest/vitest.mjs'), 'run', '--root', work, '--dir', join(work, 'vitest')],
  jest: [
    join(modules, 'jest/bin/jest.js'),
    '--ci',
    '--rootDir',
    work,
    '--config',
    join(work, 'jest.config.cjs'),
  ],
  'node:test': ['--import', 'tsx', '--test', join(work, 'node-test/payments.test.ts')],
}
for (const [runner, args] of Object.entries(runners)) {
  try {
    const options = { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 }
    execFileSync(process.execPath, args, options)
    console.log(`ok   the tests of the guide, by ${runner}`)
  } catch (error) {
    process.exitCode = 1
    console.log(
      `FAIL the tests of the guide, by ${runner}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`,
    )
  }
}
