import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { SharedSignals, abortable } from '../src/abortable.js'

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
