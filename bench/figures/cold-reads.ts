/**
 * A burst of reads with nothing cached, next to what people write by hand: one SDK call for each read.
 *
 * @module
 */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { SecretsClient } from 'aws-secrets-client'
import type { Emulator } from 'aws-secrets-client/emulator'
import { parameterRefs, secretRefs, seedAll, withEmulator } from '../support/emulated.js'
import type { Figure } from '../support/figure.js'
import { median, spread } from '../support/statistics.js'

const READS = 1000
const ROUNDS = 12
const WARM_UP_ROUNDS = 2

/** Reads every reference at once, each as JSON, with clients that were made for it. */
type Contender = (refs: readonly string[]) => Promise<void>

/** How one burst went. */
interface Burst {
  readonly wallMs: number
  readonly requests: number
}

/** Measures 1000 concurrent reads of 50 secrets and of 100 parameters. */
export function coldReads(): Promise<readonly Figure[]> {
  return withEmulator(async (emulator) => {
    const secrets = await compare(emulator, '50 secrets', secretRefs('prod/cold', 50), naiveSecrets, 3)
    const refs = parameterRefs('prod/cold', 100)
    return [...secrets, ...(await compare(emulator, '100 parameters', refs, naiveParameters, 10))]
  })
}

async function compare(
  emulator: Emulator,
  what: string,
  refs: readonly string[],
  naive: Contender,
  goal: number,
): Promise<readonly Figure[]> {
  seedAll(emulator, refs)
  const reads = Array.from({ length: READS }, (_, position) => refs[position % refs.length] ?? '')
  const [ours, theirs]: [Burst[], Burst[]] = [[], []]
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await burst(emulator, round % 2 === 0 ? withClient : naive, reads)
    const second = await burst(emulator, round % 2 === 0 ? naive : withClient, reads)
    if (round < WARM_UP_ROUNDS) continue
    ours.push(round % 2 === 0 ? first : second)
    theirs.push(round % 2 === 0 ? second : first)
  }
  const ratios = ours.map(({ wallMs }, round) => (theirs[round]?.wallMs ?? NaN) / wallMs)
  const ourMs = ours.map(({ wallMs }) => wallMs)
  const theirMs = theirs.map(({ wallMs }) => wallMs)
  return [
    {
      what: `${READS} reads of ${what}: requests`,
      measured: spread(ours.map(({ requests }) => requests)),
      goal: `${goal}`,
    },
    { what: `${READS} reads of ${what}: wall, ms`, measured: spread(ourMs, 1) },
    {
      what: `${READS} reads of ${what}, an SDK call each: requests, ms`,
      measured: `${median(theirs.map(({ requests }) => requests))}, ${spread(theirMs)}`,
    },
    { what: `${READS} reads of ${what}: × faster than that`, measured: spread(ratios, 1) },
  ]
}

async function burst(emulator: Emulator, contender: Contender, refs: readonly string[]): Promise<Burst> {
  emulator.clearRequests()
  const startedAt = performance.now()
  await contender(refs)
  return { wallMs: performance.now() - startedAt, requests: emulator.count() }
}

const withClient: Contender = async (refs) => {
  const client = new SecretsClient()
  await Promise.all(refs.map((ref) => client.get(ref, { as: 'json' })))
  await client.close()
}

const naiveSecrets: Contender = async (refs) => {
  const client = new SecretsManagerClient()
  const read = async (SecretId: string): Promise<unknown> => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }))
    return JSON.parse(SecretString)
  }
  await Promise.all(refs.map(read))
  client.destroy()
}

const naiveParameters: Contender = async (refs) => {
  const client = new SSMClient()
  const read = async (ref: string): Promise<unknown> => {
    const Name = ref.slice('ssm:'.length)
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }))
    return JSON.parse(Parameter?.Value ?? '')
  }
  await Promise.all(refs.map(read))
  client.destroy()
}
