/**
 * The main job in half a minute: `npm run demo`. Everything goes through the public API, the real AWS SDK and
 * real HTTP; only AWS itself is an emulator on this machine. No secret is printed.
 */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { argv } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters, styleText } from 'node:util'
import { SecretsClient, isSecretsError, rdsCredentials } from 'aws-secrets-client'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { liveLine, rotationUnderLoad } from './demo-rotation.js'

const HIDDEN = '••••••••'
const randomText = () => randomBytes(18).toString('base64url')

const credentials = () => ({
  engine: 'postgres',
  host: 'orders.cluster-c9x.eu-west-1.rds.amazonaws.com',
  port: 5432,
  username: 'orders_app',
  password: randomText(),
  dbname: 'orders',
})

/** The kinds of secret that people keep. */
function putSecretsInPlace(emulator: Emulator): void {
  const { privateKey } = generateKeyPairSync('ed25519')
  emulator.seed({
    secrets: {
      'prod/orders/db': credentials(),
      'prod/openai': `sk-proj-${randomText()}`,
      'prod/deploy/ssh-key': Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      'prod/payroll': randomText(),
    },
    parameters: {
      '/prod/app/log-level': 'info',
      '/prod/app/session-key': { type: 'SecureString', value: randomText() },
      '/prod/app/hosts': {
        type: 'StringList',
        value: ['api-1.internal', 'api-2.internal', 'api-3.internal'],
      },
    },
  })
}

type Print = (line?: string) => void

function narrator(print: Print) {
  return {
    scene: (title: string, code: string) => {
      print()
      print(styleText('bold', title))
      print(`  ${styleText('cyan', code)}`)
    },
    shows: (what: string, result: string | number) => {
      print(`  ${styleText('dim', '→')} ${what.padEnd(12)} ${result}`)
    },
    says: (sentence: string) => {
      print(`  ${styleText('dim', '→')} ${sentence}`)
    },
  }
}

type Narrator = ReturnType<typeof narrator>

async function typedRead({ scene, shows }: Narrator, secrets: SecretsClient): Promise<void> {
  scene('A typed read', "const db = await secrets.get('prod/orders/db', { schema: rdsCredentials })")
  const db = await secrets.get('prod/orders/db', { schema: rdsCredentials })
  const port: number = db.port
  shows('host', db.host)
  shows('port', `${port} (a number, as the schema says)`)
  shows('username', db.username)
  shows('password', db.password.length > 0 ? HIDDEN : 'missing')
}

async function oneField({ scene, shows }: Narrator, secrets: SecretsClient): Promise<void> {
  scene('One field of it', "await secrets.get('prod/orders/db#dbname')")
  shows('dbname', await secrets.get('prod/orders/db#dbname'))
}

async function parameters({ scene, shows }: Narrator, secrets: SecretsClient): Promise<void> {
  scene('Parameters, decrypted', "await secrets.get('ssm:/prod/app/log-level')")
  shows('String', await secrets.get('ssm:/prod/app/log-level'))
  shows('SecureString', (await secrets.get('ssm:/prod/app/session-key')) === '' ? 'missing' : HIDDEN)
  const hosts = await secrets.get('ssm:/prod/app/hosts', { as: 'list' })
  shows('StringList', hosts.join('  '))
}

async function binary({ scene, shows }: Narrator, secrets: SecretsClient): Promise<void> {
  scene('A binary secret', "await secrets.get('prod/deploy/ssh-key', { as: 'bytes' })")
  const key = await secrets.get('prod/deploy/ssh-key', { as: 'bytes' })
  const isPem = Buffer.from(key).subarray(0, 10).toString() === '-----BEGIN'
  shows('Uint8Array', isPem ? `a private key in PEM ${HIDDEN}` : 'not a key')
}

async function thousandReaders(
  { scene, says }: Narrator,
  emulator: Emulator,
  secrets: SecretsClient,
): Promise<void> {
  scene(
    'A thousand readers at once, nothing cached',
    "await Promise.all(thousand.map(() => secrets.get('prod/openai')))",
  )
  emulator.clearRequests()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: 1000 }, () => secrets.get('prod/openai')))
  const elapsedMs = (performance.now() - startedAt).toFixed(1)
  says(`1000 values, ${emulator.count('GetSecretValue')} request, ${elapsedMs} ms`)
  await secrets.get('prod/openai')
  says(`once more: ${emulator.count('GetSecretValue') - 1} further requests`)
}

async function wholeConfig({ scene, shows, says }: Narrator, emulator: Emulator): Promise<void> {
  scene('A whole app, typed', 'const config = await secrets.load({ db: …, openai: …, ssh: …, app: … })')
  await using secrets = new SecretsClient()
  emulator.clearRequests()
  const config = await secrets.load({
    db: { ref: 'prod/orders/db', schema: rdsCredentials },
    openai: { ref: 'prod/openai', redacted: true },
    ssh: { ref: 'prod/deploy/ssh-key', as: 'bytes' },
    app: { tree: 'ssm:/prod/app' },
  })
  const port: number = config.db.port
  shows('config.db', `${config.db.host}, port ${port}, password ${HIDDEN}`)
  shows('config.openai', String(config.openai))
  shows('config.app', Object.keys(config.app).join('  '))
  says(`${emulator.count()} requests`)

  scene('Nothing of it in a log', 'secrets.scrub(`Authorization: Bearer ${config.openai.reveal()}`)')
  says(secrets.scrub(`Authorization: Bearer ${config.openai.reveal()}`))
  const basic = Buffer.from(`${config.db.username}:${config.db.password}`).toString('base64')
  says(secrets.scrub(`Authorization: Basic ${basic}`))
}

async function coldStart({ scene, says }: Narrator, emulator: Emulator): Promise<void> {
  scene(
    'A cold start',
    "await secrets.prefetch(['prod/orders/db', 'prod/openai', 'ssm:/prod/app/log-level', …])",
  )
  await using secrets = new SecretsClient()
  emulator.clearRequests()
  const { loaded } = await secrets.prefetch([
    'prod/orders/db',
    'prod/openai',
    'prod/deploy/ssh-key',
    'ssm:/prod/app/log-level',
    'ssm:/prod/app/session-key',
    'ssm:/prod/app/hosts',
  ])
  says(`${loaded.length} values, ${emulator.count()} requests`)
}

async function outage({ scene, shows }: Narrator, emulator: Emulator): Promise<void> {
  scene('AWS is down', "await secrets.read('prod/openai')")
  const events: string[] = []
  await using secrets = new SecretsClient({
    // Nothing stays fresh for long, so that the demo need not wait for minutes.
    cache: { ttlMs: 1, staleWhileRevalidateMs: 0 },
    onEvent: (event) => events.push(event.type),
  })
  await secrets.get('prod/openai')
  const restore = emulator.fail('GetSecretValue', { error: 'InternalServiceError', status: 500 })
  await setTimeout(2)
  const { value, stale } = await secrets.read('prod/openai')
  restore()
  shows('value', value.length > 0 ? HIDDEN : 'missing')
  shows('stale', String(stale))
  shows('events', events.join(' '))
}

async function rotation(
  { scene, shows, says }: Narrator,
  emulator: Emulator,
  secrets: SecretsClient,
): Promise<void> {
  scene('A rotation', "await secrets.refresh('prod/orders/db')")
  const before = await secrets.read('prod/orders/db')
  emulator.seed({ secrets: { 'prod/orders/db': credentials() } })
  const { changed, versionId } = await secrets.refresh('prod/orders/db')
  const current = await secrets.get('prod/orders/db#password')
  const previous = await secrets.get('prod/orders/db:AWSPREVIOUS#password')
  shows('before', before.versionId ?? '')
  shows('now', `${versionId ?? ''}${changed ? ' (changed)' : ''}`)
  says(`the passwords of AWSCURRENT and AWSPREVIOUS differ: ${String(current !== previous)}`)
}

async function refusals(
  { scene, says }: Narrator,
  emulator: Emulator,
  secrets: SecretsClient,
): Promise<void> {
  const explain = async (read: Promise<unknown>) => {
    const error: unknown = await read.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!isSecretsError(error)) throw new Error('this read was to be refused')
    const hint = error.hint ?? ''
    says(styleText('yellow', error.code))
    says(`  ${error.message.slice(0, error.message.length - hint.length).trim()}`)
    says(`  ${hint}`)
  }
  scene(
    'A value of the wrong shape: told, not shown',
    "await secrets.get('prod/payroll', { schema: { type: 'object' } })",
  )
  await explain(secrets.get('prod/payroll', { schema: { type: 'object' } }))
  scene(
    '… and what of it is wrong',
    "await secrets.get('prod/orders/db', { schema: { …: { port: { type: 'string' } } } })",
  )
  const schema = { type: 'object', properties: { port: { type: 'string' } } } as const
  await explain(secrets.get('prod/orders/db', { schema }))
  scene('A denied read, with the way out', "await secrets.get('prod/payroll', { fresh: true })")
  emulator.deny('secretsmanager:GetSecretValue', 'prod/payroll')
  await explain(secrets.get('prod/payroll', { fresh: true }))
}

/** Runs every scene against a new emulator. */
export async function demo(print: Print, live?: (line: string) => void): Promise<void> {
  const startedAt = performance.now()
  const emulator = await startEmulator({ region: 'eu-west-1' })
  // The second keeps the SDK quiet about the end of its support for Node.js 20.
  Object.assign(process.env, emulator.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' })
  putSecretsInPlace(emulator)
  const secrets = new SecretsClient()
  const tell = narrator(print)
  try {
    print(styleText('bold', 'aws-secrets-client') + ` against an emulator of AWS at ${emulator.url}`)
    await typedRead(tell, secrets)
    await oneField(tell, secrets)
    await parameters(tell, secrets)
    await binary(tell, secrets)
    await thousandReaders(tell, emulator, secrets)
    await wholeConfig(tell, emulator)
    await coldStart(tell, emulator)
    await rotation(tell, emulator, secrets)
    await outage(tell, emulator)
    await refusals(tell, emulator, secrets)
    await rotationUnderLoad(tell, emulator, live === undefined ? {} : { live })
    const { requests } = secrets.stats()
    print()
    print(`${requests} requests to AWS, ${(performance.now() - startedAt).toFixed(0)} ms in all.`)
  } finally {
    await secrets.close()
    await emulator.close()
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const isPlain = process.env['NO_COLOR'] !== undefined || !process.stdout.isTTY
  await demo(
    (line = '') => {
      console.log(isPlain ? stripVTControlCharacters(line) : line)
    },
    isPlain ? undefined : liveLine,
  )
}
