import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { withDeadline } from '../../src/retry/deadline.js'
import { ManualClock } from '../support/manual-clock.js'

function build() {
  const clock = new ManualClock()
  const controller = new AbortController()
  const run = <T>(work: (signal: AbortSignal) => Promise<T>) =>
    withDeadline({ clock, timeoutMs: 100, signal: controller.signal, ref: 'prod/db' }, work)
  const nothingIsLeft = () => {
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  }
  return { clock, controller, run, nothingIsLeft }
}

const never = () => new Promise<never>(() => undefined)

describe('withDeadline', () => {
  test('passes on what the work resolves with', async () => {
    const { run, nothingIsLeft } = build()
    await expect(run(() => Promise.resolve('value'))).resolves.toBe('value')
    nothingIsLeft()
  })

  test('passes on what the work rejects with', async () => {
    const { run, nothingIsLeft } = build()
    await expect(run(() => Promise.reject(new Error('down')))).rejects.toThrow('down')
    nothingIsLeft()
  })

  test('gives up work that ignores its signal, at the deadline and not before (I22)', async () => {
    const { clock, run, nothingIsLeft } = build()
    let seen: AbortSignal | undefined
    const settled = vi.fn()
    const outcome = run((signal) => {
      seen = signal
      return never()
    }).catch((error: unknown) => error)
    void outcome.then(settled)
    clock.advance(99)
    await new Promise(setImmediate)
    expect(settled).not.toHaveBeenCalled()
    clock.advance(1)
    const error = await outcome
    expect(isSecretsError(error, 'ERR_TIMEOUT')).toBe(true)
    expect(seen?.reason).toBe(error)
    nothingIsLeft()
  })

  test("ends with the caller's own reason", async () => {
    const { controller, run, nothingIsLeft } = build()
    const outcome = run(never).catch((reason: unknown) => reason)
    controller.abort('left')
    await expect(outcome).resolves.toBe('left')
    nothingIsLeft()
  })

  test('does not start when the caller has left already', async () => {
    const { controller, run, nothingIsLeft } = build()
    controller.abort('left')
    const work = vi.fn(never)
    await expect(run(work).catch((reason: unknown) => reason)).resolves.toBe('left')
    expect(work).not.toHaveBeenCalled()
    nothingIsLeft()
  })

  test('work that fails after it was given up is nobody’s unhandled rejection', async () => {
    const { clock, run } = build()
    let fail: (reason: unknown) => void = () => undefined
    const outcome = run(() => new Promise((_resolve, reject) => (fail = reject))).catch(
      (error: unknown) => error,
    )
    clock.advance(100)
    await outcome
    fail(new Error('late'))
    await new Promise(setImmediate)
  })

  test.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error('no time'))],
    [
      'throws',
      () => {
        throw new Error('no time')
      },
    ],
  ])('a clock whose sleep %s ends the work: without a deadline it might never end', async (_title, sleep) => {
    const clock = Object.assign(new ManualClock(), { sleep })
    const { signal } = new AbortController()
    const outcome = withDeadline({ clock, timeoutMs: 100, signal, ref: 'prod/db' }, never)
    const error: unknown = await outcome.catch((thrown: unknown) => thrown)
    expect(isSecretsError(error, 'ERR_TIMEOUT')).toBe(true)
    expect(error).toHaveProperty('message', expect.stringContaining('clock failed'))
  })
})
