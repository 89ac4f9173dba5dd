/** Watches leave nothing behind on the signals that end them, wherever their consumers are. */

import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { SharedSignals } from '../../src/abortable.js'
import { itemOf } from '../../src/client/item.js'
import { payloadKeeper } from '../../src/client/kept-payload.js'
import { Bell, watch } from '../../src/client/watch.js'
import { SecretsClient } from '../../src/index.js'
import { recordWarnings } from '../support/aws.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const MANY = 12
const turn = () => new Promise(setImmediate)
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

function build() {
  const clock = new ManualClock()
  const secrets = new SecretsClient({ clock, sources: [new FakeSource(textSecret('s'))] })
  return { clock, secrets }
}

/** So many watches of one signal, each of which has yielded its first version. */
async function watchMany(secrets: SecretsClient, signal: AbortSignal) {
  const watches = Array.from({ length: MANY }, (_, n) => secrets.watch(`prod/${n}`, { signal }))
  for (const each of watches) await expect(each.next()).resolves.toMatchObject({ done: false })
  return watches
}

describe(`${MANY} watches of one signal`, () => {
  test('are no reason for a warning, and all end with it', async () => {
    const warnings = recordWarnings()
    const { clock, secrets } = build()
    const controller = new AbortController()
    const watches = await watchMany(secrets, controller.signal)
    const waiting = Promise.all(watches.map((each) => each.next()))
    await turn()
    expect(listenersOf(controller.signal)).toBe(1)
    controller.abort()
    await expect(waiting).resolves.toEqual(watches.map(() => ({ done: true, value: undefined })))
    await turn()
    expect(warnings).toEqual([])
    expect(listenersOf(controller.signal)).toBe(0)
    expect(clock.sleeping).toBe(0)
  })

  test('leave no listener after close()', async () => {
    const warnings = recordWarnings()
    const { clock, secrets } = build()
    const { signal } = new AbortController()
    const watches = await watchMany(secrets, signal)
    const waiting = Promise.all(watches.map((each) => each.next()))
    await turn()
    await secrets.close()
    await expect(waiting).resolves.toEqual(watches.map(() => ({ done: true, value: undefined })))
    await turn()
    expect(warnings).toEqual([])
    expect(listenersOf(signal)).toBe(0)
    expect(clock.sleeping).toBe(0)
  })
})

describe('a watch whose consumer has stopped asking', () => {
  /** A watch that has yielded once, with a bell that tells whether it still listens. */
  async function suspended() {
    const bell = new Bell()
    const controller = new AbortController()
    const isNews = vi.fn(() => true)
    const watched = watch(() => ({
      clock: new ManualClock(),
      look: () => Promise.resolve({ isNew: true, read: () => Promise.resolve('v1') }),
      intervalMs: () => 1000,
      signal: controller.signal,
      signals: new SharedSignals(),
      bell,
      isNews,
    }))
    await expect(watched.next()).resolves.toEqual({ done: false, value: 'v1' })
    const isListening = () => {
      isNews.mockClear()
      bell.ring({ key: 'prod/db', version: itemOf({ text: 'v2' }, payloadKeeper({ seal: false })) })
      return isNews.mock.calls.length > 0
    }
    expect(isListening()).toBe(true)
    return { bell, controller, watched, isListening }
  }

  test('is freed when its signal aborts', async () => {
    const { controller, watched, isListening } = await suspended()
    controller.abort()
    expect(isListening()).toBe(false)
    expect(listenersOf(controller.signal)).toBe(0)
    await expect(watched.next()).resolves.toEqual({ done: true, value: undefined })
  })

  test('is freed when all is over', async () => {
    const { bell, isListening } = await suspended()
    bell.ring()
    expect(isListening()).toBe(false)
  })

  test('of a client: many that are aborted leave no listener', async () => {
    const { clock, secrets } = build()
    const controller = new AbortController()
    await watchMany(secrets, controller.signal)
    expect(listenersOf(controller.signal)).toBe(1)
    controller.abort()
    expect(listenersOf(controller.signal)).toBe(0)
    await secrets.close()
    expect(clock.sleeping).toBe(0)
  })

  test('of a client: many that are closed leave no listener', async () => {
    const { clock, secrets } = build()
    const { signal } = new AbortController()
    await watchMany(secrets, signal)
    await secrets.close()
    await turn()
    expect(listenersOf(signal)).toBe(0)
    expect(clock.sleeping).toBe(0)
  })
})
