/** Options of lean sources are checked before they are used, and a wrong one is named and not shown. */

import { Agent } from 'node:https'
import { describe, expect, onTestFinished, test } from 'vitest'
import { leanSources } from '../../../src/lean/index.js'
import { ManualClock } from '../../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'

/** As JavaScript calls it. */
const refusalOf = (options: unknown): unknown => {
  try {
    Reflect.apply(leanSources, undefined, [options])
    return undefined
  } catch (error) {
    return error
  }
}

test.each([
  [undefined],
  [{}],
  [Object.create(null)],
  [{ region: 'eu-west-1', agent: new Agent(), clock: new ManualClock() }],
  [{ region: undefined, agent: undefined, clock: undefined }],
])('accepted: %o', (options) => {
  expect(refusalOf(options)).toBeUndefined()
})

describe('an agent', () => {
  test('for a proxy need not be of the class of Node.js', () => {
    expect(refusalOf({ agent: { addRequest: () => undefined } })).toBeUndefined()
  })
})

const REGION = 'leanSources.region: expected a region such as "eu-west-1", got'
const AGENT = 'leanSources.agent: expected an agent of node:http or node:https, got'
const CLOCK = 'leanSources.clock: expected an object with now(), monotonic() and sleep(), got'

test.each([
  ['leanSources: unknown option "reigon", expected one of region, agent, clock', { reigon: 'us-west-2' }],
  ['leanSources: unknown option "…", expected one of region, agent, clock', { [NEEDLE]: 1 }],
  ['leanSources: expected a plain object, got null', null],
  ['leanSources: expected a plain object, got string', 'eu-west-1'],
  ['leanSources: expected a plain object, got an array', []],
  ['leanSources: expected a plain object, got an instance of a class', new Agent()],
  [`${REGION} number`, { region: 5 }],
  [`${REGION} string`, { region: '' }],
  [`${REGION} string`, { region: NEEDLE }],
  [`${AGENT} string`, { agent: 'x' }],
  [`${AGENT} object`, { agent: {} }],
  [`${AGENT} null`, { agent: null }],
  [`${CLOCK} object`, { clock: { now: () => 0, sleep: () => 0 } }],
  [`${CLOCK} function`, { clock: () => 0 }],
])('%s', (message, options) => {
  const error = refusalOf(options)
  expect(error).toBeInstanceOf(TypeError)
  expect(error).toHaveProperty('message', message)
  expectNoNeedle(error, NEEDLE)
})

test('options that throw when they are read are refused, without what they throw', () => {
  const throwing = {
    get region(): string {
      throw new Error(NEEDLE)
    },
  }
  const error = refusalOf(throwing)
  expect(error).toBeInstanceOf(TypeError)
  expect(String(error)).toContain('could not be read')
  expectNoNeedle(error, NEEDLE)
})

test('only what is their own counts', () => {
  onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'region'))
  Object.defineProperty(Object.prototype, 'region', { value: 5, configurable: true })
  expect(refusalOf({})).toBeUndefined()
})
