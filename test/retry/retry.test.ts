import { getEventListeners } from 'node:events'
import { AbortError } from 'p-retry'
import { describe, expect, test, vi } from 'vitest'
import type { SleepOptions } from '../../src/clock.js'
import { SecretsError, type SecretsErrorCode } from '../../src/errors.js'
import { RetryBudget } from '../../src/retry/budget.js'
import { type RetryInfo, type RetryOptions, retrying } from '../../src/retry/retry.js'
import { ManualClock } from '../support/manual-clock.js'

const settled = () => new Promise(setImmediate)
const failure = (code: SecretsErrorCode, retryAfterMs?: number) =>
  new SecretsError(code, {
    what: 'it failed',
    retryable: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
const transient = () => failure('ERR_UNAVAILABLE')
const throttled = () => failure('ERR_THROTTLED')

/** What the attempts of a load do, in order; the last goes on for ever. */
type Script = readonly [() => unknown, ...(() => unknown)[]]

/** Options that differ from the usual ones. */
type Given = Partial<RetryOptions> & { readonly clock?: ManualClock }

function build({ clock = new ManualClock(), ...given }: Given = {}) {
  const controller = new AbortController()
  const budget = given.budget ?? new RetryBudget()
  const retries: RetryInfo[] = []
  const options: RetryOptions = {
    clock,
    signal: controller.signal,
    remainingMs: () => 5_000 - clock.mono,
    maxAttempts: 3,
    isBatch: () => false,
    isBackground: false,
    budget,
    random: () => 0.5,
    onRetry: (info) => retries.push(info),
    ...given,
  }
  const numbers: number[] = []
  const run = (script: Script) => {
    const outcome = retrying(options, async (attemptNumber) => {
      numbers.push(attemptNumber)
      const step = script[attemptNumber - 1] ?? script.at(-1)
      await Promise.resolve()
      return step?.()
    })
    return outcome.catch((reason: unknown) => ({ reason }))
  }
  /** Runs to the end, with time passing as needed. */
  const runThrough = async (script: Script) => {
    const outcome = run(script)
    const state = { isOver: false }
    void outcome.then(() => {
      state.isOver = true
    })
    await settled()
    while (!state.isOver) {
      clock.advance(1)
      await settled()
    }
    return outcome
  }
  const nothingIsLeft = () => {
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  }
  return { clock, controller, budget, retries, numbers, options, run, runThrough, nothingIsLeft }
}

const fails = (error: unknown) => () => {
  throw error
}
const answers = (value: unknown) => () => value
const never = () => new Promise(() => undefined)

describe('attempts', () => {
  test('a load that succeeds is attempted once, and nothing is left', async () => {
    const { run, numbers, retries, nothingIsLeft } = build()
    await expect(run([answers('value')])).resolves.toBe('value')
    expect(numbers).toEqual([1])
    expect(retries).toEqual([])
    nothingIsLeft()
  })

  test('transient failures are retried after 50 and 100 ms, jittered', async () => {
    const { clock, runThrough, numbers, retries, nothingIsLeft } = build()
    const errors = [transient(), failure('ERR_TIMEOUT')]
    const outcome = runThrough([fails(errors[0]), fails(errors[1]), answers('value')])
    await expect(outcome).resolves.toBe('value')
    expect(numbers).toEqual([1, 2, 3])
    expect(retries).toEqual([
      { attempt: 1, delayMs: 25, error: errors[0] },
      { attempt: 2, delayMs: 50, error: errors[1] },
    ])
    expect(clock.mono).toBe(75)
    nothingIsLeft()
  })

  test.each([1, 2, 3, 7])('never more than maxAttempts, here %i (I41)', async (maxAttempts) => {
    const { runThrough, numbers, nothingIsLeft } = build({ maxAttempts })
    const reason = transient()
    await expect(runThrough([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toHaveLength(maxAttempts)
    nothingIsLeft()
  })

  test('the error of the last attempt is what the caller gets, itself', async () => {
    const { runThrough } = build()
    const last = throttled()
    const outcome = await runThrough([fails(transient()), fails(transient()), fails(last)])
    expect(outcome).toHaveProperty('reason', last)
  })

  test('a throttled single read keeps to maxAttempts (I41)', async () => {
    const { runThrough, numbers, retries } = build()
    await runThrough([fails(throttled())])
    expect(numbers).toHaveLength(3)
    expect(retries.map(({ delayMs }) => delayMs)).toEqual([500, 1_000])
  })

  test('a throttled batch goes on while time lasts', async () => {
    const { clock, runThrough, numbers, retries } = build({ isBatch: () => true })
    const reason = throttled()
    await expect(runThrough([fails(reason)])).resolves.toEqual({ reason })
    expect(retries.map(({ delayMs }) => delayMs)).toEqual([
      250, 100, 150, 225, 337.5, 506.25, 759.375, 1_139.0625,
    ])
    expect(numbers).toHaveLength(9)
    expect(clock.mono).toBeLessThan(4_900)
  })

  test('a batch that is not throttled keeps to maxAttempts, also after throttles (I41)', async () => {
    const { runThrough, numbers } = build({ isBatch: () => true })
    const reason = transient()
    const throttle = fails(throttled())
    const outcome = runThrough([throttle, throttle, throttle, throttle, fails(reason)])
    await expect(outcome).resolves.toEqual({ reason })
    expect(numbers).toHaveLength(5)
  })

  test('a batch that falls apart into single reads is one no more', async () => {
    const answer = vi.fn().mockReturnValueOnce(true).mockReturnValue(false)
    const { runThrough, numbers } = build({ isBatch: () => answer() === true })
    await runThrough([fails(throttled())])
    expect(numbers).toHaveLength(3)
  })

  test('refused credentials are retried once per load', async () => {
    const { runThrough, numbers, retries } = build({ maxAttempts: 10 })
    const reason = failure('ERR_CREDENTIALS')
    const outcome = await runThrough([fails(reason), fails(transient()), fails(reason)])
    expect(outcome).toEqual({ reason })
    expect(numbers).toHaveLength(3)
    expect(retries.map(({ delayMs }) => delayMs)).toEqual([25, 50])
  })

  test('what cannot pass is not retried', async () => {
    const { run, numbers, nothingIsLeft } = build()
    const reason = new SecretsError('ERR_ACCESS_DENIED', { what: 'access was denied' })
    await expect(run([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toEqual([1])
    nothingIsLeft()
  })

  test.each<[string, unknown]>([
    ['an error', new Error('foreign')],
    ['a TypeError', new TypeError('fetch failed')],
    ['an AbortError of p-retry', new AbortError('stop')],
    ['a string', 'foreign'],
    ['undefined', undefined],
    ['null', null],
    ['an object', { code: 'ERR_THROTTLED', retryable: true }],
    [
      'a proxy that throws',
      new Proxy(failure('ERR_THROTTLED'), {
        get: () => {
          throw new Error('looked at')
        },
      }),
    ],
  ])('something foreign passes through unchanged and is not retried: %s', async (_title, thrown) => {
    const { options, nothingIsLeft } = build()
    const attempt = vi.fn(() => Promise.reject(thrown))
    const isItself = await retrying(options, attempt).catch((reason: unknown) => Object.is(reason, thrown))
    expect(isItself).toBe(true)
    expect(attempt).toHaveBeenCalledOnce()
    nothingIsLeft()
  })

  test('an attempt that throws before it returns a promise is an attempt that failed', async () => {
    const { options } = build({ maxAttempts: 1 })
    const reason = transient()
    const attempt = () => {
      throw reason
    }
    await expect(retrying(options, attempt)).rejects.toBe(reason)
  })
})

describe('deadline', () => {
  test.each([
    [125, 2],
    [124, 1],
  ])('with %i ms left and a wait of 25 there are %i attempts (I43)', async (remaining, attempts) => {
    const clock = new ManualClock()
    const { runThrough, numbers, retries, budget, nothingIsLeft } = build({
      clock,
      remainingMs: () => remaining - clock.mono,
      maxAttempts: 2,
    })
    const reason = transient()
    await expect(runThrough([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toHaveLength(attempts)
    expect(retries).toHaveLength(attempts - 1)
    expect(clock.mono).toBe(attempts === 1 ? 0 : 25)
    expect(budget.tokens).toBe(attempts === 1 ? 500 : 486)
    nothingIsLeft()
  })

  test('a wait that the service asked for and that does not fit ends the load at once (I43)', async () => {
    const { clock, run, numbers } = build()
    const reason = failure('ERR_THROTTLED', 4_901)
    await expect(run([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toEqual([1])
    expect(clock.mono).toBe(0)
  })

  test('a wait that the service asked for is kept to', async () => {
    const { clock, runThrough } = build()
    await runThrough([fails(failure('ERR_THROTTLED', 1_700)), answers('value')])
    expect(clock.mono).toBe(1_700)
  })

  test('a process that wakes too late makes no attempt (I43)', async () => {
    const { clock, run, numbers, nothingIsLeft } = build()
    const reason = transient()
    const outcome = run([fails(reason)])
    await settled()
    clock.advance(4_901)
    await expect(outcome).resolves.toEqual({ reason })
    expect(numbers).toEqual([1])
    nothingIsLeft()
  })
})

describe('abort', () => {
  const reasons: readonly [string, unknown][] = [
    ['an error', new Error('left')],
    ['an error that could be retried', transient()],
    ['a string', 'left'],
    ['null', null],
    ['zero', 0],
    ['an empty string', ''],
  ]

  test.each(reasons)('between attempts ends the wait at once (I44): %s', async (_title, reason) => {
    const { clock, controller, run, numbers, nothingIsLeft } = build()
    const outcome = run([fails(transient())])
    await settled()
    expect(clock.sleeping).toBe(1)
    controller.abort(reason)
    await expect(outcome).resolves.toEqual({ reason })
    nothingIsLeft()
    clock.advance(10_000)
    await settled()
    expect(numbers).toEqual([1])
  })

  test.each(reasons)('during an attempt ends the load at once (I44): %s', async (_title, reason) => {
    const { controller, run, numbers, retries, nothingIsLeft } = build()
    const outcome = run([never])
    await settled()
    controller.abort(reason)
    await expect(outcome).resolves.toEqual({ reason })
    expect(numbers).toEqual([1])
    expect(retries).toEqual([])
    nothingIsLeft()
  })

  test('without a reason is the AbortError that the signal has (I44)', async () => {
    const { controller, run } = build()
    const outcome = run([never])
    controller.abort(undefined)
    await expect(outcome).resolves.toEqual({ reason: controller.signal.reason as unknown })
  })

  test('what the attempt does after it changes nothing (I44)', async () => {
    const { controller, budget, run, numbers, nothingIsLeft } = build()
    let fail: (reason: unknown) => void = () => undefined
    const outcome = run([() => new Promise((_resolve, reject) => (fail = reject))])
    await settled()
    controller.abort('left')
    await expect(outcome).resolves.toEqual({ reason: 'left' })
    fail(transient())
    await settled()
    expect(numbers).toEqual([1])
    expect(budget.tokens).toBe(500)
    nothingIsLeft()
  })

  test('at whatever instant, the load ends with the reason and no further attempt (I44)', async () => {
    for (let ticks = 0; ticks < 25; ticks++) {
      const { clock, controller, run, numbers, nothingIsLeft } = build()
      const outcome = run([fails(transient()), never])
      await settled()
      clock.advance(25)
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
      const begun = numbers.length
      controller.abort('left')
      await expect(outcome).resolves.toEqual({ reason: 'left' })
      await settled()
      expect(numbers).toHaveLength(begun)
      nothingIsLeft()
    }
  })

  test('before the start nothing is attempted', async () => {
    const { controller, run, numbers } = build()
    controller.abort('left')
    await expect(run([answers('value')])).resolves.toEqual({ reason: 'left' })
    expect(numbers).toEqual([])
  })
})

describe('budget', () => {
  test('while everything fails, requests per load fall to 1 (I42)', async () => {
    const { runThrough, numbers } = build({ remainingMs: () => 5_000 })
    for (let load = 0; load < 20; load++) await runThrough([fails(transient())])
    // 500 tokens pay for 35 retries of 14.
    expect(numbers).toHaveLength(20 + 35)
    numbers.length = 0
    for (let load = 0; load < 20; load++) await runThrough([fails(transient())])
    expect(numbers).toHaveLength(20)
  })

  test('a throttled batch ends with the budget (I42)', async () => {
    const { budget, runThrough, numbers } = build({ isBatch: () => true, remainingMs: () => Infinity })
    while (budget.tokens > 2) budget.trySpend('throttled-batch', false)
    await runThrough([fails(throttled())])
    expect(numbers).toHaveLength(3)
  })

  test('the background leaves the lower half to the foreground', async () => {
    const background = build({ isBackground: true })
    const { budget } = background
    while (budget.tokens > 250) budget.trySpend('throttled', false)
    await background.runThrough([fails(transient())])
    expect(background.numbers).toHaveLength(1)
    const foreground = build({ budget })
    await foreground.runThrough([fails(transient())])
    expect(foreground.numbers).toHaveLength(3)
  })

  test('a success gives back what its last retry took, or 1', async () => {
    const { budget, runThrough } = build({ remainingMs: () => 5_000 })
    await runThrough([fails(throttled()), fails(transient()), answers('value')])
    expect(budget.tokens).toBe(500 - 5)
    await runThrough([answers('value')])
    expect(budget.tokens).toBe(500 - 4)
  })
})

describe('what is passed in', () => {
  const hooks: readonly [string, () => unknown][] = [
    ['throws', fails(new Error('broken hook'))],
    ['rejects', () => Promise.reject(new Error('broken hook'))],
    ['hangs', never],
  ]

  test.each(hooks)('a hook that %s breaks nothing', async (_title, onRetry) => {
    const { runThrough, numbers } = build({ onRetry })
    const reason = transient()
    await expect(runThrough([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toHaveLength(3)
  })

  test.each<[string, () => Promise<void>]>([
    ['throws', fails(new Error('no time'))],
    ['rejects', () => Promise.reject(new Error('no time'))],
  ])('a clock whose sleep %s ends the load with the last error', async (_title, sleep) => {
    const clock = Object.assign(new ManualClock(), { sleep })
    const { run, numbers, nothingIsLeft } = build({ clock })
    const reason = transient()
    await expect(run([fails(reason)])).resolves.toEqual({ reason })
    expect(numbers).toEqual([1])
    nothingIsLeft()
  })

  test.each([true, false])(
    'a wait keeps the process alive unless in the background: %s',
    async (isBackground) => {
      const sleeps: (boolean | undefined)[] = []
      const clock = Object.assign(new ManualClock(), {
        sleep: (_ms: number, { ref }: SleepOptions = {}) => {
          sleeps.push(ref)
          return Promise.resolve()
        },
      })
      const { run } = build({ clock, isBackground })
      await run([fails(transient()), answers('value')])
      expect(sleeps).toEqual([!isBackground])
    },
  )
})
