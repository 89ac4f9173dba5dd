/** The emulator and a client that reaches it through the real SDK over HTTP, for one test file. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, beforeEach, onTestFinished } from 'vitest'
import {
  type Emulator,
  type EmulatorOptions,
  type OperationName,
  startEmulator,
} from '../../src/emulator/index.js'
import {
  SecretsClient,
  type SecretsClientOptions,
  type SecretsEvent,
  isSecretsError,
} from '../../src/index.js'
import { ManualClock, until } from './manual-clock.js'

export interface Aws {
  readonly emulator: Emulator
  readonly clock: ManualClock
  readonly secrets: SecretsClient
  /** A further client of the same emulator. */
  readonly connect: (options?: SecretsClientOptions) => SecretsClient
  /** The same, and every event that it tells. */
  readonly observe: (options?: SecretsClientOptions) => Observed
  /** SDK clients as a user may pass them in, with retries of their own; of the emulator unless told otherwise. */
  readonly sdk: (maxAttempts: number, endpoint?: string) => SdkClients
  /** Requests of the library since the last call. */
  readonly calls: (operation?: OperationName) => number
  /** Lets time pass, a little whenever no request is under way, until the promise settles. */
  readonly passing: <T>(promise: Promise<T>) => Promise<T>
  /** Waits, without time passing on the clock, until the condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>
}

interface SdkClients {
  readonly secretsManager: SecretsManagerClient
  readonly ssm: SSMClient
}

interface Observed {
  readonly secrets: SecretsClient
  readonly events: SecretsEvent[]
  /** The events of one type so far. */
  readonly told: <Type extends SecretsEvent['type']>(type: Type) => Extract<SecretsEvent, { type: Type }>[]
}

/** Milliseconds that pass at once: far less than any deadline. */
const STEP_MS = 10

/**
 * Makes a new emulator and client before each test, and closes them after it.
 *
 * @param options - `sharesClock`: the emulator, too, lives by the clock that the test moves
 */
export function useAws(options: { readonly sharesClock?: boolean } = {}): () => Aws {
  let current: Aws | undefined
  const opened: { close(): Promise<void> }[] = []

  beforeEach(async () => {
    const clock = new ManualClock(Date.now())
    const settings: EmulatorOptions = options.sharesClock === true ? { clock } : {}
    const emulator = await startEmulator({ region: 'eu-west-1', ...settings })
    opened.push(emulator)
    current = stage(emulator, clock, (secrets) => opened.push(secrets))
  })
  afterEach(() => Promise.all(opened.splice(0).map((open) => open.close())))

  return () => {
    if (current === undefined) throw new Error('used outside a test')
    return current
  }
}

function stage(emulator: Emulator, clock: ManualClock, onOpen: (secrets: SecretsClient) => void): Aws {
  let underWay = 0
  const track =
    <Args, Result>(next: (args: Args) => Promise<Result>) =>
    async (args: Args) => {
      underWay += 1
      try {
        return await next(args)
      } finally {
        underWay -= 1
      }
    }
  const sdk = (maxAttempts: number, endpoint = emulator.clientConfig.endpoint) => {
    const config = { ...emulator.clientConfig, maxAttempts, endpoint }
    const secretsManager = new SecretsManagerClient(config)
    const ssm = new SSMClient(config)
    secretsManager.middlewareStack.add(track, { step: 'initialize' })
    ssm.middlewareStack.add(track, { step: 'initialize' })
    return { secretsManager, ssm }
  }
  const connect = (options: SecretsClientOptions = {}) => {
    // A test that brings sources brings all that it reads from.
    const clients = options.sources === undefined ? { clients: sdk(1) } : {}
    const secrets = new SecretsClient({ ...clients, clock, ...options })
    onOpen(secrets)
    return secrets
  }
  return {
    emulator,
    clock,
    secrets: connect(),
    connect,
    observe(options) {
      const events: SecretsEvent[] = []
      const secrets = connect({ ...options, onEvent: (event) => events.push(event) })
      return { secrets, events, told: (type) => events.filter((event) => isOf(type, event)) }
    },
    sdk,
    calls(operation) {
      const count = emulator.count(operation)
      emulator.clearRequests()
      return count
    },
    async passing(promise) {
      const state = { isSettled: false }
      const settle = () => {
        state.isSettled = true
      }
      promise.then(settle, settle)
      while (!state.isSettled) {
        await turn()
        await turn()
        if (underWay === 0) clock.advance(STEP_MS)
      }
      return promise
    },
    until,
  }
}

const turn = () => new Promise(setImmediate)

function isOf<Type extends SecretsEvent['type']>(
  type: Type,
  event: SecretsEvent,
): event is Extract<SecretsEvent, { type: Type }> {
  return event.type === type
}

/** What a promise rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: unknown) => error,
  )

/** What a promise resolves with, or the code of the error that it rejects with. */
export const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => (isSecretsError(error) ? error.code : error))

/** The warnings of the process from now until the end of the test, such as that of too many listeners. */
export function recordWarnings(): readonly Error[] {
  const warnings: Error[] = []
  const record = (warning: Error) => warnings.push(warning)
  process.on('warning', record)
  onTestFinished(() => void process.off('warning', record))
  return warnings
}
