/** Whatever a polluted `Object.prototype` says of options that nobody gave, nothing changes. */

import { afterEach, expect, test, vi } from 'vitest'
import type { SleepOptions } from '../../src/clock.js'
import { SecretsClient } from '../../src/index.js'
import { failureOf } from '../support/aws.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock, until } from '../support/manual-clock.js'

const TTL = 300_000
const POLLUTION: readonly (readonly [string, unknown])[] = [
  ['maxConcurrent', 0],
  ['random', () => 99],
  ['ttl', 1],
  ['toldMs', 7],
  ['keepAlive', false],
]
const turn = () => new Promise(setImmediate)

afterEach(() => {
  for (const [name] of POLLUTION) Reflect.deleteProperty(Object.prototype, name)
  vi.restoreAllMocks()
})

const pollute = (name: string, value: unknown) =>
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true })

/** Writes down which timers keep the process alive, as far as the options themselves say. */
class RefClock extends ManualClock {
  readonly refs: unknown[] = []

  override sleep(ms: number, options: SleepOptions = {}): Promise<void> {
    this.refs.push(Object.hasOwn(options, 'ref') ? options.ref : true)
    return super.sleep(ms, options)
  }
}

/** Its check never ends. */
const UNDECIDED = {
  '~standard': {
    version: 1 as const,
    vendor: 'test',
    validate: () => new Promise<{ value: string }>(() => undefined),
  },
}

test.each(POLLUTION)('%s = %s', async (name, value) => {
  pollute(name, value)
  const clock = new RefClock()
  const source = new FakeSource(textSecret('{}'))
  const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 1 } })

  const read = vi.fn()
  secrets.get('prod/db').then(read, read)
  await turn()
  expect(read).toHaveBeenCalledWith('{}')

  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_000_000)
  clock.advance(0.89 * TTL)
  await expect(secrets.get('prod/db')).resolves.toBe('{}')
  expect(source.asked).toHaveLength(1)
  vi.restoreAllMocks()

  source.answer(() => new Promise(() => undefined))
  const unanswered = failureOf(secrets.get('prod/slow'))
  await turn()
  clock.advance(2_000)
  await expect(unanswered).resolves.toMatchObject({
    code: 'ERR_TIMEOUT',
    message: expect.stringContaining('no answer within 2000 ms') as string,
  })

  const undecided = failureOf(secrets.get('prod/db', { schema: UNDECIDED }))
  await until(() => clock.sleeping > 0)
  clock.advance(5_000)
  await expect(undecided).resolves.toMatchObject({ code: 'ERR_SCHEMA' })
  expect(new Set(clock.refs)).toEqual(new Set([true]))
})
