/**
 * What lean sources can be told, and the checks of it.
 *
 * @module
 */

import type { Agent } from 'node:http'
import type { Clock } from '../../clock.js'

/** What lean sources can be told. */
export interface LeanOptions {
  /**
   * AWS region of references that name none. The option `region` of the client is not for sources that are passed in.
   *
   * @defaultValue `AWS_REGION`, or else as the AWS SDK finds it
   */
  readonly region?: string | undefined
  /**
   * Where sockets come from, such as an agent that goes through a proxy. It is never destroyed by the library.
   *
   * @defaultValue an agent for each service and region that keeps up to 50 sockets open while they are idle
   */
  readonly agent?: Agent | undefined
  /**
   * Where time comes from: that of signatures, and that at which credentials expire. Pass the clock of the client.
   *
   * @defaultValue the machine's clocks
   */
  readonly clock?: Clock | undefined
}

const NAMES = ['region', 'agent', 'clock']

/**
 * The options, each read once and checked. Only own properties count, so a polluted `Object.prototype` has no say.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function checkedOptions(options: unknown): LeanOptions {
  const members = membersOf(options)
  const [region, agent, clock] = NAMES.map((name) => members.get(name))
  if (region !== undefined && !isRegion(region)) throw wrong('region', 'a region such as "eu-west-1"', region)
  if (agent !== undefined && !isAgent(agent))
    throw wrong('agent', 'an agent of node:http or node:https', agent)
  if (clock !== undefined && !isClock(clock)) {
    throw wrong('clock', 'an object with now(), monotonic() and sleep()', clock)
  }
  return { region, agent, clock }
}

function membersOf(options: unknown): ReadonlyMap<string, unknown> {
  if (!isPlainObject(options)) throw wrong(undefined, 'a plain object', options)
  const members = new Map(entriesOf(options))
  const unknown = [...members.keys()].find((name) => !NAMES.includes(name))
  if (unknown === undefined) return members
  // A value that was pasted in place of a name is not shown.
  const shown = /^[A-Za-z]{1,24}$/.test(unknown) ? unknown : '…'
  throw new TypeError(`leanSources: unknown option "${shown}", expected one of ${NAMES.join(', ')}`)
}

function entriesOf(options: object): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(options)
  } catch {
    // What a getter throws is not ours to show: it may carry anything.
    throw new TypeError('leanSources: could not be read, because a getter or a proxy threw an error')
  }
}

function isRegion(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]{1,63}$/.test(value)
}

/** By what Node.js asks of an agent: those for proxies are not always of its class. */
function isAgent(value: unknown): value is Agent {
  return hasMethods(value, ['addRequest'])
}

function isClock(value: unknown): value is Clock {
  return hasMethods(value, ['now', 'monotonic', 'sleep'])
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return passes(() => names.every((name) => typeof Reflect.get(value, name) === 'function'))
}

function wrong(name: string | undefined, expected: string, got: unknown): TypeError {
  const option = name === undefined ? 'leanSources' : `leanSources.${name}`
  return new TypeError(`${option}: expected ${expected}, got ${typeName(got)}`)
}

/** Its type, and nothing of its content. */
function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (passes(() => Array.isArray(value))) return 'an array'
  if (typeof value !== 'object') return typeof value
  return isPlainObject(value) ? 'object' : 'an instance of a class'
}

/** Whether the value is a literal or its like; the prototype of another realm's objects has none above it either. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return passes(() => {
    const prototype: unknown = Object.getPrototypeOf(value)
    return prototype === null || Object.getPrototypeOf(prototype) === null
  })
}

/** Whether the test passes; one that throws, because a getter or a proxy does, does not. */
function passes(test: () => boolean): boolean {
  try {
    return test()
  } catch {
    return false
  }
}
