// Installs the packed tarball in scratch projects, as a user would, and runs it by import and by require, with types.
// Expects a build in dist/. Prints one line per check and fails when one does.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { name, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const PEERS = ['@aws-sdk/client-secrets-manager', '@aws-sdk/client-ssm']
const work = mkdtempSync(join(tmpdir(), `${name}-smoke-`))

const run = (command, args, cwd) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 })
const npm = (cwd, ...args) => run('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], cwd)

function scratch(folder, ...packages) {
  const cwd = join(work, folder)
  run('mkdir', ['-p', cwd])
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: folder, private: true, type: 'module' }))
  npm(cwd, 'install', ...packages)
  return {
    cwd,
    node(file, source) {
      writeFileSync(join(cwd, file), source)
      return run(process.execPath, ['--no-deprecation', file], cwd).trim()
    },
    types(file, source) {
      writeFileSync(join(cwd, file), source)
      const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'node16', '--types', 'node']
      return run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...flags, file], cwd)
    },
  }
}

let passed = 0
let failed = 0
function check(title, test) {
  try {
    test()
    passed += 1
    console.log(`ok   ${title}`)
  } catch (error) {
    failed += 1
    console.log(`FAIL ${title}\n${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`)
  }
}
function expectEqual(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`)
}

/** The program of a user, in both module systems; it prints what it read and which SDK clients were loaded. */
const program = (loading, loaded) => `
${loading}
async function main() {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  Object.assign(process.env, emulator.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' })
  emulator.seed({ secrets: { 'prod/db': { port: 5432 } }, parameters: { '/prod/level': 'info' } })
  const clients = () => ${JSON.stringify(PEERS)}.filter((peer) => Object.keys(${loaded}).some((file) => file.includes(peer)))
  const seen = [clients().length]
  seen.push(await getSecret('ssm:/prod/level'), clients().join())
  const schema = { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] }
  seen.push((await getSecret('prod/db', { schema })).port, clients().length)
  console.log(JSON.stringify(seen))
  await emulator.close()
}
main()
`
const seen = JSON.stringify([0, 'info', '@aws-sdk/client-ssm', 5432, 2])
const missing = (loading) => `${loading}
getSecret('prod/db').catch((error) => console.log(error.code, error.message.includes('npm install ${PEERS[0]}')))`
const typed = (extension) => `
import { SecretsClient, getSecret, isSecretsError } from '${name}'
import { startEmulator, type Emulator } from '${name}/emulator'
export const text: Promise<string> = getSecret('prod/db')
export const read = async (secrets: SecretsClient) => {
  const db = await secrets.get('prod/db', { schema: { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] } })
  const port: number = db.port
  return port
}
export const emulator: Promise<Emulator> = startEmulator()
export const kind: '${extension}' = '${extension}'
export { isSecretsError }
`
/** Every subpath, used: a rotation of a fake, whose old password is refused once; prints what was tried. */
const subpaths = (load) => `
${['testing', 'rejections', 'credentials', 'rotation', 'pg', 'mysql2'].map((path) => load(path)).join('\n')}
async function main() {
  const { secrets, vault } = testing.createFakeSecrets({ 'prod/db': { username: 'app', password: 'one' } })
  const tried = []
  let live = 'one'
  const use = ({ password }) => {
    tried.push(password)
    if (password !== live) throw Object.assign(new Error('refused'), { code: '28P01' })
  }
  const how = { as: 'json', isRejected: rejections.rejectedByPostgres }
  await secrets.withSecret('prod/db', how, use)
  vault.rotate('prod/db', { username: 'app', password: 'two' })
  live = 'two'
  await secrets.withSecret('prod/db', how, use)
  const { username } = await credentials.credentials(secrets, 'prod/db')()
  const pools = [pg.createPool(secrets, 'prod/db'), mysql2.createPool(secrets, 'prod/db')]
  await Promise.all(pools.map((pool) => pool.end()))
  const handler = typeof rotation.createRotationHandler(rotation.singleUser(rotation.postgresDatabase()))
  console.log(JSON.stringify([tried, username, handler]))
}
main()
`
const used = JSON.stringify([['one', 'one', 'two'], 'app', 'function'])
const typedSubpaths = `
import { type SecretsClient, rdsCredentials } from '${name}'
import { credentials } from '${name}/credentials'
import { createPool as createMysqlPool } from '${name}/mysql2'
import { createPool } from '${name}/pg'
import { rejectedByPostgres } from '${name}/rejections'
import { createRotationHandler, postgresDatabase, singleUser } from '${name}/rotation'
import { ManualClock, createFakeSecrets } from '${name}/testing'
export const { secrets }: { readonly secrets: SecretsClient } = createFakeSecrets({ 'prod/db': 'x' })
export const port: Promise<number> = secrets.withSecret(
  'prod/db',
  { schema: rdsCredentials, isRejected: rejectedByPostgres },
  (db) => db.port,
)
export const [pool, mysqlPool] = [createPool(secrets, 'prod/db'), createMysqlPool(secrets, 'prod/db')]
export const count: number = pool.totalCount
export const handler = createRotationHandler(singleUser(postgresDatabase()))
export const provider = credentials(secrets, 'prod/db')
export const clock = new ManualClock()
`

try {
  const [{ filename, files }] = JSON.parse(
    npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', work),
  )
  const tarball = join(work, filename)
  check('nothing is packed but what is ours', () => {
    expectEqual(files.filter(({ path }) => path.includes('node_modules')).length, 0)
  })
  const bare = scratch('bare', tarball)
  check('without the SDK it loads, and a read names the package to install (import)', () => {
    expectEqual(bare.node('a.mjs', missing(`import { getSecret } from '${name}'`)), 'ERR_MISSING_PEER true')
  })
  check('without the SDK it loads, and a read names the package to install (require)', () => {
    expectEqual(
      bare.node('a.cjs', missing(`const { getSecret } = require('${name}')`)),
      'ERR_MISSING_PEER true',
    )
  })

  const full = scratch(
    'full',
    tarball,
    ...[...PEERS, '@types/node'].map((peer) => `${peer}@${devDependencies[peer]}`),
  )
  check('import: both services work, and a parameter alone loads no Secrets Manager client', () => {
    const loading = `import { createRequire } from 'node:module'
import { getSecret } from '${name}'
import { startEmulator } from '${name}/emulator'
const { cache } = createRequire(import.meta.url)`
    expectEqual(full.node('b.mjs', program(loading, 'cache')), seen)
  })
  check('require: both services work, and a parameter alone loads no Secrets Manager client', () => {
    const loading = `const { getSecret } = require('${name}')
const { startEmulator } = require('${name}/emulator')`
    expectEqual(full.node('b.cjs', program(loading, 'require.cache')), seen)
  })
  check('a bundler accepts that the other SDK client is not installed', () => {
    const one = scratch('bundled', tarball, `${PEERS[1]}@${devDependencies[PEERS[1]]}`, 'esbuild')
    writeFileSync(
      join(one.cwd, 'handler.mjs'),
      `import { getSecret } from '${name}'\nexport const handler = () => getSecret('ssm:/prod/level')\n`,
    )
    const flags = ['--bundle', '--platform=node', '--format=esm', '--outfile=out.mjs', '--log-level=error']
    run(
      join(one.cwd, 'node_modules/.bin/esbuild'),
      ['handler.mjs', ...flags, `--external:${PEERS[1]}`],
      one.cwd,
    )
  })
  const drivers = scratch(
    'drivers',
    tarball,
    ...[...PEERS, 'pg', 'mysql2', '@types/pg', '@types/node'].map(
      (peer) => `${peer}@${devDependencies[peer]}`,
    ),
  )
  check('every subpath by import', () => {
    const load = (path) => `import * as ${path} from '${name}/${path}'`
    expectEqual(drivers.node('d.mjs', subpaths(load)), used)
  })
  check('every subpath by require', () => {
    const load = (path) => `const ${path} = require('${name}/${path}')`
    expectEqual(drivers.node('d.cjs', subpaths(load)), used)
  })
  check('types of every subpath for import', () => drivers.types('e.mts', typedSubpaths))
  check('types of every subpath for require', () => drivers.types('e.cts', typedSubpaths))
  check('types for import', () => full.types('c.mts', typed('mts')))
  check('types for require', () => full.types('c.cts', typed('cts')))
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
