import type { AnySignal } from '../../src/abortable.js'
import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { SharedSignals } from '../../src/abortable.js'
import { Flight } from '../../src/cache/single-flight.js'
import { deferred } from '../support/fake-source.js'

const signals = new SharedSignals()

describe('Flight', () => {
  test('starts its load after the tick in which it was made, and once', async () => {
    const load = vi.fn(() => Promise.resolve('value'))
    const flight = new Flight(load, false)
    expect(load).not.toHaveBeenCalled()
    await expect(
      Promise.all([flight.join(signals, undefined), flight.join(signals, undefined)]),
    ).resolves.toEqual(['value', 'value'])
    expect(load).toHaveBeenCalledTimes(1)
  })

  test('gives every caller without a signal the very same promise', () => {
    const flight = new Flight(() => Promise.resolve(1), false)
    expect(flight.join(signals, undefined)).toBe(flight.join(signals, undefined))
  })

  test.each([
    ['an error', new Error('enough')],
    ['text', 'enough'],
    ['nothing but null', null],
  ])("an abort ends that caller's wait only, with %s as its own reason (I17)", async (_title, reason) => {
    const answer = deferred<string>()
    const flight = new Flight(() => answer.promise, false)
    const controller = new AbortController()
    const leaving = flight.join(signals, controller.signal)
    const staying = flight.join(signals, new AbortController().signal)
    controller.abort(reason)
    await expect(leaving.catch((thrown: unknown) => [thrown])).resolves.toEqual([reason])
    expect(flight.aborted).toBe(false)
    answer.resolve('value')
    await expect(staying).resolves.toBe('value')
  })

  test('the last caller to leave aborts the load (I18)', async () => {
    let seen: AnySignal | undefined
    const flight = new Flight((_self, signal) => {
      seen = signal
      return new Promise<never>(() => undefined)
    }, false)
    const [first, second] = [new AbortController(), new AbortController()]
    const waits = [flight.join(signals, first.signal), flight.join(signals, second.signal)]
    await new Promise(setImmediate)
    first.abort('one')
    expect(seen?.aborted).toBe(false)
    second.abort('two')
    expect(seen?.aborted).toBe(true)
    await expect(Promise.allSettled(waits)).resolves.toEqual([
      { status: 'rejected', reason: 'one' },
      { status: 'rejected', reason: 'two' },
    ])
  })

  test('a load that everybody left before it began never begins', async () => {
    const load = vi.fn(() => Promise.resolve(1))
    const flight = new Flight(load, false)
    const controller = new AbortController()
    const wait = flight.join(signals, controller.signal)
    controller.abort('left')
    await expect(wait.catch((reason: unknown) => reason)).resolves.toBe('left')
    await new Promise(setImmediate)
    expect(load).not.toHaveBeenCalled()
  })

  test('a caller without a signal keeps the load alive', async () => {
    const answer = deferred<string>()
    const flight = new Flight(() => answer.promise, false)
    const stays = flight.join(signals, undefined)
    const controller = new AbortController()
    const leaves = flight.join(signals, controller.signal)
    controller.abort('left')
    await expect(leaves.catch((reason: unknown) => reason)).resolves.toBe('left')
    answer.resolve('value')
    await expect(stays).resolves.toBe('value')
  })

  test('leaves no listener on any signal, whatever the outcome (I21)', async () => {
    const used = Array.from({ length: 3 }, () => new AbortController())
    const [kept, failed, aborted] = used
    const good = new Flight(() => Promise.resolve(1), false).join(signals, kept?.signal)
    const bad = new Flight(() => Promise.reject(new Error('no')), false).join(signals, failed?.signal)
    const left = new Flight(() => new Promise<never>(() => undefined), false).join(signals, aborted?.signal)
    aborted?.abort('left')
    await Promise.allSettled([good, bad, left])
    await new Promise(setImmediate)
    for (const { signal } of used) expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('in the background, it goes on when the last caller leaves (I18)', async () => {
    const answer = deferred<string>()
    const flight = new Flight(() => answer.promise, true)
    const controller = new AbortController()
    const leaves = flight.join(signals, controller.signal)
    await new Promise(setImmediate)
    controller.abort('left')
    await expect(leaves.catch((reason: unknown) => reason)).resolves.toBe('left')
    expect(flight.aborted).toBe(false)
    answer.resolve('value')
    await expect(flight.join(signals, undefined)).resolves.toBe('value')
  })

  test.each([
    ['with a value', () => Promise.resolve('value')],
    ['with a failure', () => Promise.reject(new Error('down'))],
  ])('in the background, it is kept alive by one timer that ends %s', async (_title, run) => {
    const over: AbortSignal[] = []
    const sleep = (signal: AbortSignal) => {
      over.push(signal)
      return new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(signal.reason)
        })
      })
    }
    const flight = new Flight(run, true)
    flight.keepAlive(sleep)
    flight.keepAlive(sleep)
    expect(over.map(({ aborted }) => aborted)).toEqual([false])
    await flight.join(signals, undefined).catch(() => undefined)
    await new Promise(setImmediate)
    expect(over.map(({ aborted }) => aborted)).toEqual([true])
  })

  test('in the foreground, it needs no such timer: its requests keep the process alive', () => {
    const sleep = vi.fn(() => Promise.resolve())
    new Flight(() => Promise.resolve(1), false).keepAlive(sleep)
    expect(sleep).not.toHaveBeenCalled()
  })

  test('a load that throws synchronously rejects like any other (I25)', async () => {
    const flight = new Flight<never>(() => {
      throw new Error('at once')
    }, false)
    await expect(flight.join(signals, undefined)).rejects.toThrow('at once')
  })
})
