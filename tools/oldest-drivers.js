// Runs the tests of the adapters with the oldest drivers that package.json promises, against real servers, and loads the
// build in dist/ with them by import and by require. Prints one line per check and fails when one does.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { name, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const oldest = (driver) => `${driver}@${peerDependencies[driver].replace('^', '')}`
// pg takes any newer pool; this is the one that came with it.
const drivers = [oldest('pg'), 'pg-pool@3.6.0', oldest('mysql2')]

const work = join(root, '.cache/oldest-drivers')
const modules = join(work, 'node_modules')
rmSync(work, { recursive: true, force: true })
mkdirSync(work, { recursive: true })
writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, type: 'module' }))

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })

/** Where each import of the tests and of src/ leads. */
const alias = {
  pg: join(modules, 'pg/lib/index.js'),
  'mysql2/promise': join(modules, 'mysql2/promise.js'),
  mysql2: join(modules, 'mysql2/index.js'),
}
const config = `import base from '../../vitest.config.ts'
const alias = { ...base.resolve.alias, ...${JSON.stringify(alias)} }
export default { resolve: { alias }, test: { ...base.test, globalSetup: [] } }
`
const program = (load) => `${load('pg')}
${load('mysql2')}
${load('testing')}
const { secrets } = testing.createFakeSecrets({ 'prod/db': { username: 'app', password: 'one', port: 1 } })
const pools = [pg.createPool(secrets, 'prod/db'), mysql2.createPool(secrets, 'prod/db')]
Promise.allSettled(pools.map((pool) => pool.query('SELECT 1'))).then(async (failures) => {
  await Promise.all(pools.map((pool) => pool.end()))
  console.log(failures.map(({ reason }) => reason.code).join())
})
`

function check(title, test) {
  try {
    test()
    console.log(`ok   ${title}`)
  } catch (error) {
    process.exitCode = 1
    console.log(`FAIL ${title}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`)
  }
}

function loads(file, load) {
  writeFileSync(join(work, file), program(load))
  const seen = run(process.execPath, ['--no-deprecation', file], work).trim()
  if (seen !== 'ECONNREFUSED,ECONNREFUSED') throw new Error(`expected two refused connections, got ${seen}`)
}

check(`installed: ${drivers.join(', ')}`, () => {
  run('npm', ['install', ...drivers, '--no-audit', '--no-fund', '--loglevel=error'], work)
})
// What is missing here would be found in the library's own folder.
if (process.exitCode !== undefined) process.exit()
// A copy, since the drivers of a link would be those of the library itself.
for (const path of ['dist', 'package.json'])
  cpSync(join(root, path), join(modules, name, path), { recursive: true })
check('by import: a pool of each connects', () => {
  loads('a.mjs', (path) => `import * as ${path} from '${name}/${path}'`)
})
check('by require: a pool of each connects', () => {
  loads('a.cjs', (path) => `const ${path} = require('${name}/${path}')`)
})
writeFileSync(join(work, 'vitest.config.mjs'), config)
for (const driver of ['pg', 'mysql2']) {
  check(`the tests of ${driver}, with real rotations`, () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const flags = ['--config', join(work, 'vitest.config.mjs'), '--typecheck.enabled=false']
    run(process.execPath, [vitest, 'run', `test/integration/${driver}`, ...flags], root)
  })
}
