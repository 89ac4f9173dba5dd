import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { LightSignal, SharedSignals, abortable, listen, realSignal } from '../src/abortable.js'
import { thrownBy } from './reference/refused.js'

const never = () => new Promise<never>(() => undefined)
const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length
const reasonOf = (promise: Promise<unknown>) => promise.catch((reason: unknown) => reason)

describe('abortable', () => {
  test('is the promise, unless the signal comes first', async () => {
    const controller = new AbortController()
    await expect(abortable(Promise.resolve(1), controller.signal)).resolves.toBe(1)
    await expect(abortable(Promise.reject(new Error('no')), controller.signal)).rejects.toThrow('no')
    const wait = reasonOf(abortable(never(), controller.signal))
    controller.abort(null)
    await expect(wait).resolves.toBe(null)
    await expect(reasonOf(abortable(Promise.resolve(1), controller.signal))).resolves.toBe(null)
  })

  test('leaves no listener', async () => {
    const { signal } = new AbortController()
    await abortable(Promise.resolve(1), signal)
    await new Promise(setImmediate)
    expect(listeners(signal)).toBe(0)
  })
})

describe('SharedSignals', () => {
  test('ten thousand waits on one signal are one listener, and no warning', async () => {
    const warned = vi.fn()
    process.on('warning', warned)
    const signals = new SharedSignals()
    const controller = new AbortController()
    const waits = Array.from({ length: 10_000 }, () =>
      reasonOf(signals.abortable(never(), controller.signal)),
    )
    expect(listeners(controller.signal)).toBe(1)
    controller.abort('left')
    await expect(Promise.all(waits).then((reasons) => new Set(reasons))).resolves.toEqual(new Set(['left']))
    expect(listeners(controller.signal)).toBe(0)
    await new Promise(setImmediate)
    process.off('warning', warned)
    expect(warned).not.toHaveBeenCalled()
  })

  test('listens until the last wait has ended, and again for a new one', async () => {
    const signals = new SharedSignals()
    const controller = new AbortController()
    const stays = reasonOf(signals.abortable(never(), controller.signal))
    await signals.abortable(Promise.resolve(1), controller.signal)
    await new Promise(setImmediate)
    expect(listeners(controller.signal)).toBe(1)
    controller.abort('left')
    await expect(stays).resolves.toBe('left')

    const { signal } = new AbortController()
    await signals.abortable(Promise.resolve(1), signal)
    await new Promise(setImmediate)
    expect(listeners(signal)).toBe(0)
    void signals.abortable(never(), signal)
    expect(listeners(signal)).toBe(1)
  })

  test('tells who left, once', async () => {
    const left = vi.fn()
    const controller = new AbortController()
    const wait = reasonOf(new SharedSignals().abortable(never(), controller.signal, left))
    controller.abort('left')
    await wait
    expect(left).toHaveBeenCalledTimes(1)
  })
})

describe('LightSignal', () => {
  test('aborts once, with the first reason, whatever that is', () => {
    const signal = new LightSignal()
    const heard = vi.fn()
    signal.listen(heard)
    signal.throwIfAborted()
    expect([signal.aborted, signal.reason]).toEqual([false, undefined])
    signal.abort(null)
    signal.abort('later')
    expect([signal.aborted, signal.reason]).toEqual([true, null])
    expect(heard).toHaveBeenCalledTimes(1)
    expect(
      thrownBy(() => {
        signal.throwIfAborted()
      }),
    ).toBe(null)
  })

  test('whoever listens no more hears nothing, not even from another who hears it first', () => {
    const signal = new LightSignal()
    const heard = vi.fn()
    const stops: (() => void)[] = []
    signal.listen(() => {
      for (const stop of stops) stop()
    })
    stops.push(signal.listen(heard))
    signal.abort('left')
    expect(heard).not.toHaveBeenCalled()
  })

  test.each([
    ['before', true],
    ['after', false],
  ])('the real signal that is asked for %s the abort aborts with its reason', (_title, isBefore) => {
    const signal = new LightSignal()
    const early = isBefore ? signal.real : undefined
    signal.abort('left')
    expect(early === undefined || early === signal.real).toBe(true)
    expect([signal.real.aborted, signal.real.reason]).toEqual([true, 'left'])
  })

  test('does for a signal where our own code waits', async () => {
    const signal = new LightSignal()
    const left = vi.fn()
    const waits = [
      reasonOf(abortable(never(), signal, left)),
      reasonOf(new SharedSignals().abortable(never(), signal, left)),
    ]
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1)
    signal.abort('left')
    await expect(Promise.all(waits)).resolves.toEqual(['left', 'left'])
    await expect(reasonOf(abortable(never(), signal))).resolves.toBe('left')
    expect(left).toHaveBeenCalledTimes(2)
  })
})

test('a real signal is its own real signal, and is listened to once', () => {
  const controller = new AbortController()
  const [heard, stopped] = [vi.fn(), vi.fn()]
  listen(controller.signal, heard)
  listen(controller.signal, stopped)()
  expect(realSignal(controller.signal)).toBe(controller.signal)
  controller.abort('left')
  expect(heard).toHaveBeenCalledTimes(1)
  expect(stopped).not.toHaveBeenCalled()
  expect(listeners(controller.signal)).toBe(0)
})
