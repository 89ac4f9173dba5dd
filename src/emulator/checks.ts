/**
 * Checks of everything that a test hands to the emulator: what cannot be is refused with a `TypeError` that names
 * the option, what was expected and what was given.
 *
 * @module
 */
import { matchesPattern } from './arn.js'
import { machineClock, type EmulatorClock } from './emulator-clock.js'
import type { EmulatorOptions, Latency } from './emulator-options.js'
import type { Fault, FaultOptions } from './faults.js'
import { isStructure } from './input.js'
import { ACTIONS, describe, operationNamed } from './operations.js'
import { TokenBuckets, type Throttle } from './throttle.js'

/** Options with their defaults. */
export interface CheckedOptions {
  readonly port: number
  readonly region: string
  readonly accountId: string
  readonly clock: EmulatorClock
  readonly keepProcessAlive: boolean
}

const OPTIONS = ['port', 'region', 'accountId', 'clock', 'latency', 'throttle', 'keepProcessAlive']
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/
const DROPS: readonly unknown[] = ['reset', 'never-answer', 'truncate']

/** Checks the options of `startEmulator` and fills in the defaults. */
export function checkOptions(options: EmulatorOptions): CheckedOptions {
  checkNames('startEmulator', options, OPTIONS)
  const { port = 0, region = 'us-east-1', accountId = '123456789012' } = options
  const { clock = machineClock, keepProcessAlive = false } = options
  expect('port', port, isWhole(port, 0, 65_535), 'a whole number from 0 to 65535')
  expect('region', region, REGION.test(region), "a region such as 'eu-west-1'")
  expect('accountId', accountId, /^\d{12}$/.test(accountId), 'a string of 12 digits')
  expect('clock', clock, isClock(clock), 'an object with the methods now() and sleep(ms)')
  expect('keepProcessAlive', keepProcessAlive, typeof keepProcessAlive === 'boolean', 'a boolean')
  return { port, region, accountId, clock, keepProcessAlive }
}

/** Checks a region that a test names. */
export function checkRegion(region: string): string {
  expect('region', region, REGION.test(region), "a region such as 'eu-west-1'")
  return region
}

/** Turns a latency into a function of an operation's bare name. */
export function checkLatency(latency: Latency): (operation: string) => number {
  if (typeof latency === 'number') {
    checkDelay('latency', latency)
    return () => latency
  }
  expect('latency', latency, isStructure(latency), 'milliseconds, or an object of them by operation')
  const delays = new Map<string, number>()
  for (const [operation, delayMs] of Object.entries(latency)) {
    checkDelay(`latency.${operation}`, delayMs)
    delays.set(operationNamed(operation).name, delayMs)
  }
  return (operation) => delays.get(operation) ?? 0
}

/** Turns a throttle into its buckets, full. */
export function checkThrottle(throttle: Throttle): TokenBuckets {
  expect('throttle', throttle, isStructure(throttle), 'an object with ratePerSecond')
  checkNames('throttle', throttle, ['ratePerSecond', 'burst', 'operations'])
  const { ratePerSecond, burst = Math.max(1, ratePerSecond), operations } = throttle
  const isRate = Number.isFinite(ratePerSecond) && ratePerSecond > 0
  expect('throttle.ratePerSecond', ratePerSecond, isRate, 'a finite number above 0')
  expect('throttle.burst', burst, Number.isFinite(burst) && burst >= 1, 'a finite number of at least 1')
  const names = operations && new Set(operations.map((operation) => operationNamed(operation).name))
  return new TokenBuckets(ratePerSecond, burst, names)
}

/** Checks a fault. */
export function checkFault(fault: Fault): void {
  expect('fault', fault, isStructure(fault), FAULT_FORM)
  const members: Readonly<Record<string, unknown>> = { ...fault }
  const [kind, ...others] = FAULT_KINDS.filter(({ name }) => name in members)
  if (kind === undefined || others.length > 0 || !kind.accepts(members[kind.name])) {
    throw new TypeError(
      `fault: expected ${FAULT_FORM}; got members ${Object.keys(members).join(', ') || 'none'}`,
    )
  }
  checkNames('fault', members, [kind.name, ...kind.extras])
  const { status = 200, headers = {} } = members
  expect('fault.status', status, isWhole(status, 200, 599), 'a whole number from 200 to 599')
  expect('fault.headers', headers, isStructure(headers), 'an object of header names and texts')
}

/** Checks which requests a fault is to hit. */
export function checkFaultOptions(options: FaultOptions): FaultOptions {
  checkNames('fail', options, ['times', 'match'])
  const { times = Infinity, match } = options
  const isCount = times === Infinity || isWhole(times, 1, Number.MAX_SAFE_INTEGER)
  expect('times', times, isCount, 'a whole number of at least 1, or Infinity')
  const isMatch = match === undefined || typeof match === 'string' || typeof match === 'function'
  expect('match', match, isMatch, 'a pattern or a function')
  return options
}

/** Checks that a denial can ever bite: its action must fit one that the emulator asks for. */
export function checkAction(action: string): string {
  const fits = typeof action === 'string' && ACTIONS.some((known) => matchesPattern(action, known))
  const expected = "an action such as 'secretsmanager:GetSecretValue', 'ssm:*' or 'kms:Decrypt'"
  expect('action', action, fits, expected)
  return action
}

/** Checks a text that must not be empty: a pattern, a key id. */
export function checkText(name: string, text: string): string {
  expect(name, text, typeof text === 'string' && text !== '', 'a string that is not empty')
  return text
}

/** Refuses members that nothing would look at. */
export function checkNames(where: string, members: object, known: readonly string[]): void {
  const unknown = Object.keys(members).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new TypeError(`${where}: expected only ${known.join(', ')}; got '${unknown}'`)
}

/** The refusal of an argument, unless it is as expected. */
export function expect(name: string, value: unknown, isExpected: boolean, expected: string): void {
  if (!isExpected) throw new TypeError(`${name}: expected ${expected}; got ${describe(value)}`)
}

const FAULT_FORM =
  "one of { error: 'Name' }, { body: 'text' }, { drop: 'reset' | 'never-answer' | 'truncate' }"

const FAULT_KINDS: readonly {
  readonly name: string
  readonly extras: readonly string[]
  readonly accepts: (value: unknown) => boolean
}[] = [
  {
    name: 'error',
    extras: ['message', 'status', 'headers'],
    accepts: (value) => typeof value === 'string' && value !== '',
  },
  { name: 'body', extras: ['status', 'headers'], accepts: (value) => typeof value === 'string' },
  { name: 'drop', extras: [], accepts: (value) => DROPS.includes(value) },
]

function checkDelay(name: string, delayMs: unknown): void {
  const isDelay = typeof delayMs === 'number' && Number.isFinite(delayMs) && delayMs >= 0
  expect(name, delayMs, isDelay, 'a finite number of milliseconds of at least 0')
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}

function isClock(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('now' in value) || !('sleep' in value)) return false
  return typeof value.now === 'function' && typeof value.sleep === 'function'
}
