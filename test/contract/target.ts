/** Runs one suite against every server that claims to behave like AWS: the emulator and moto. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/index.js'
import { sdkFor, type Sdk, type SdkConfig } from '../support/sdk.js'
import { MOTO_DEVIATIONS } from './moto-deviations.js'

type Deviations = typeof MOTO_DEVIATIONS

/**
 * Where each contract takes place in moto, which all files share: a region of its own, since moto answers a request
 * with status 500 when another one, in the same region and at the same time, creates or deletes what it looks through.
 */
const MOTO_REGIONS = {
  parameters: 'us-east-1',
  'lists of parameters': 'us-east-2',
  'a tree of parameters': 'us-west-1',
  'a value in parts': 'us-west-2',
  'reading secrets': 'eu-west-1',
  'writing secrets': 'eu-west-2',
  'the life of a secret': 'eu-west-3',
  'sources without the SDK': 'eu-central-1',
} as const

/** One server under test; the clients are there as soon as a test runs. */
export interface Target {
  readonly name: 'emulator' | 'moto'
  readonly sdk: () => Sdk
  /** What this server does where moto is known to differ from AWS: the emulator follows AWS, moto itself. */
  readonly expects: <K extends keyof Deviations>(deviation: K) => Deviations[K]['aws'] | Deviations[K]['moto']
}

/** Describes a contract that both servers keep. */
export function contract(title: keyof typeof MOTO_REGIONS, define: (target: Target) => void): void {
  describe(`${title}: emulator`, () => {
    let emulator: Emulator | undefined
    const config = async () => {
      emulator = await startEmulator()
      return emulator.clientConfig
    }
    const sdk = sdkOf(config)
    afterAll(() => emulator?.close())
    define({ name: 'emulator', sdk, expects: (deviation) => MOTO_DEVIATIONS[deviation].aws })
  })
  const motoUrl = inject('motoUrl')
  describe.skipIf(motoUrl === undefined)(`${title}: moto`, () => {
    const credentials = { accessKeyId: 'moto', secretAccessKey: 'moto' }
    const sdk = sdkOf(() => ({ endpoint: motoUrl ?? '', region: MOTO_REGIONS[title], credentials }))
    define({ name: 'moto', sdk, expects: (deviation) => MOTO_DEVIATIONS[deviation].moto })
  })
}

/** A name that no other test uses: moto keeps its state for the whole run. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}

function sdkOf(config: () => SdkConfig | Promise<SdkConfig>): () => Sdk {
  let sdk: Sdk | undefined
  beforeAll(async () => {
    sdk = sdkFor(await config())
  })
  afterAll(() => sdk?.destroy())
  return () => {
    if (sdk === undefined) throw new Error('the clients exist only while tests run')
    return sdk
  }
}
