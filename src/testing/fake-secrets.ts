/**
 * A real client over values in memory.
 *
 * @module
 */

import { SecretsClient, type SecretsClientOptions, type SecretsEvent } from 'aws-secrets-client'
import { checkMembers, describe } from './checks.js'
import type { FakeServiceTools } from './fake-service.js'
import type { FakeScene } from './scene.js'
import { SkippingClock } from './skipping-clock.js'
import { FakeVault } from './vault.js'

/** Options of a fake: those of a `SecretsClient`, less what says where it reads from. */
export type FakeSecretsOptions = Omit<SecretsClientOptions, 'clients' | 'region' | 'sources'>

/** A client and the vault that it reads. */
export interface FakeSecrets extends AsyncDisposable {
  /** A `SecretsClient` like any other: give it to the code under test. */
  readonly secrets: SecretsClient
  /** What the test puts there and lets go wrong. */
  readonly vault: FakeVault
}

const OPTIONS: readonly string[] = [
  'cache',
  'retry',
  'batch',
  'seal',
  'clock',
  'onEvent',
  'redactRefs',
] satisfies readonly (keyof FakeSecretsOptions)[]

/**
 * A real `SecretsClient` that reads values in memory, and the vault that holds them. Everything the client does is as in
 * production: cache, batching, decoding, schemas, retries, errors and hints. The AWS SDK is not loaded.
 *
 * Without `clock` time is the machine's, and nobody waits for back-off or for a delay of the vault: such a wait ends at
 * once, and the client's clock is ahead by its length from then on. So a test of retries or of an outage takes no time.
 * To let a value grow old, pass a {@link ManualClock} and advance it.
 *
 * @throws TypeError for an option or a value that cannot be.
 *
 * @example
 * ```ts
 * const { secrets, vault } = createFakeSecrets({
 *   'prod/db': { username: 'app', password: 'hunter2' },
 *   'prod/openai': 'sk-123',
 *   'ssm:/prod/app/log-level': 'info',
 *   'ssm:/prod/app/hosts': ['a', 'b'],
 * })
 * vault.throttle('*', { times: 2 })
 * await secrets.get('prod/db#password') // 'hunter2', by the third request
 * ```
 */
export function createFakeSecrets(scene: FakeScene = {}, options: FakeSecretsOptions = {}): FakeSecrets {
  checkScene(scene)
  checkMembers('createFakeSecrets', options, OPTIONS)
  const { time, settings } = timeOf(options)
  const vault = new FakeVault(scene, time)
  const secrets = new SecretsClient({ ...settings, sources: vault.sources })
  return Object.freeze({ secrets, vault, [Symbol.asyncDispose]: () => secrets.close() })
}

function checkScene(scene: unknown): void {
  if (typeof scene === 'object' && scene !== null && !Array.isArray(scene)) return
  const expected = "an object such as { 'prod/db': { password: 'x' } }"
  throw new TypeError(`createFakeSecrets: expected ${expected}, got ${describe(scene)}`)
}

type Time = Pick<FakeServiceTools, 'now' | 'pause'>

/** Where time comes from: the clock that was passed, or one of the fake's own. */
function timeOf(options: FakeSecretsOptions): {
  readonly time: Time
  readonly settings: SecretsClientOptions
} {
  const { clock: given, onEvent } = options
  if (given !== undefined) {
    checkClock(given)
    const pause: Time['pause'] = (ms, signal) =>
      ms === Infinity ? aborted(signal) : given.sleep(ms, { signal })
    return { time: { now: () => given.now(), pause }, settings: options }
  }
  const clock = new SkippingClock()
  const listen = (event: SecretsEvent) => {
    // Told right before the wait.
    if (event.type === 'retry') clock.announce(event.delayMs)
    return onEvent?.(event)
  }
  const time: Time = { now: () => clock.now(), pause: (ms, signal) => clock.skip(ms, { signal }) }
  // Anything else is for the client to refuse.
  const isListener = onEvent === undefined || typeof onEvent === 'function'
  return { time, settings: { ...options, clock, ...(isListener && { onEvent: listen }) } }
}

function checkClock(clock: unknown): void {
  const methods = ['now', 'monotonic', 'sleep']
  const isClock = (value: object) => methods.every((name) => typeof Reflect.get(value, name) === 'function')
  if (typeof clock === 'object' && clock !== null && isClock(clock)) return
  throw new TypeError(
    `clock: expected an object with the methods ${methods.join(', ')}, got ${describe(clock)}`,
  )
}

/** Never resolves, and rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason)
    })
  })
}
