/** A reader who comes to wait for a load that was started for nobody, and one who leaves it again. */

import { describe, expect, test } from 'vitest'
import type { SleepOptions } from '../../src/clock.js'
import { SecretsClient } from '../../src/index.js'
import { FakeSource, deferred, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const TTL = 300_000
/** As many requests as one operation may have under way. */
const SLOTS = 50
const turn = () => new Promise(setImmediate)

/** Writes down the sleeps that keep the process alive. */
class WakefulClock extends ManualClock {
  readonly kept: { readonly signal: AbortSignal | undefined; isOver: boolean }[] = []

  override sleep(ms: number, options: SleepOptions = {}): Promise<void> {
    const sleep = super.sleep(ms, options)
    if (options.ref === false) return sleep
    const kept = { signal: options.signal, isOver: false }
    this.kept.push(kept)
    const end = () => {
      kept.isOver = true
    }
    sleep.then(end, end)
    return sleep
  }

  get isKeepingAlive(): boolean {
    return this.kept.some(({ isOver }) => !isOver)
  }
}

/** A client that has read `old`, whose lifetime has passed; from then on a test lets each request go. */
async function build() {
  const clock = new WakefulClock()
  const source = new FakeSource(textSecret('first'))
  const secrets = new SecretsClient({ clock, sources: [source], batch: { enabled: false } })
  await secrets.get('old')
  await turn()
  clock.advance(TTL + 1)
  const ends: (() => void)[] = []
  const signals: AbortSignal[] = []
  source.answer(async (reference, context) => {
    const end = deferred<undefined>()
    ends.push(() => {
      end.resolve(undefined)
    })
    signals.push(context.signal)
    await end.promise
    return textSecret('second', 'EXAMPLE2-90ab-cdef-fedc-ba987EXAMPLE')(reference, context)
  })
  source.asked.splice(0)
  const names = () => source.asked.map(({ key }) => key)
  return { clock, secrets, ends, signals, names }
}

describe('behind a full operation', () => {
  /** A background load of `old` waits for a slot, and a foreground one after it. */
  async function crowded() {
    const built = await build()
    const { secrets, ends, names } = built
    const reads: Promise<unknown>[] = Array.from({ length: SLOTS }, (_, n) => secrets.get(`busy/${n}`))
    await turn()
    expect(names()).toHaveLength(SLOTS)
    await expect(secrets.read('old')).resolves.toMatchObject({ value: 'first', stale: true })
    await turn()
    reads.push(secrets.get('late'))
    await turn()
    expect(names()).toHaveLength(SLOTS)
    const finish = async () => {
      for (let turns = 0; turns < 5; turns += 1) {
        for (const end of ends) end()
        await turn()
      }
      await Promise.all(reads)
    }
    return { ...built, reads, finish }
  }

  test('a load that nobody waits for lets the others go first', async () => {
    const { ends, names, finish } = await crowded()
    ends[0]?.()
    await turn()
    expect(names().slice(SLOTS)).toEqual(['late'])
    await finish()
    expect(names().slice(SLOTS)).toEqual(['late', 'old'])
  })

  test('one that a reader has joined keeps its place before them', async () => {
    const { secrets, reads, ends, names, finish } = await crowded()
    const joined = secrets.get('old', { ttlMs: 1 })
    reads.push(joined)
    await turn()
    ends[0]?.()
    await turn()
    expect(names().slice(SLOTS)).toEqual(['old'])
    await finish()
    await expect(joined).resolves.toBe('second')
    expect(names().slice(SLOTS)).toEqual(['old', 'late'])
  })

  test('one whose reader has left lets the others go first again', async () => {
    const { secrets, ends, names, finish } = await crowded()
    const controller = new AbortController()
    const joined = secrets.get('old', { ttlMs: 1, signal: controller.signal })
    await turn()
    controller.abort('left')
    await expect(joined).rejects.toBe('left')
    ends[0]?.()
    await turn()
    expect(names().slice(SLOTS)).toEqual(['late'])
    await finish()
    expect(names().slice(SLOTS)).toEqual(['late', 'old'])
  })
})

describe('what keeps the process alive', () => {
  test('a background load does while a reader has joined it, and no longer when the last has left', async () => {
    const { clock, secrets, ends, signals } = await build()
    await secrets.get('old')
    await turn()
    expect(signals).toHaveLength(1)
    expect(clock.isKeepingAlive).toBe(false)
    const leaving = [new AbortController(), new AbortController()]
    const joined = leaving.map(({ signal }) => secrets.get('old', { ttlMs: 1, signal }))
    const left = Promise.allSettled(joined)
    expect(clock.isKeepingAlive).toBe(true)
    leaving[0]?.abort('left')
    await turn()
    expect(clock.isKeepingAlive).toBe(true)
    leaving[1]?.abort('left')
    await turn()
    await expect(left).resolves.toEqual(leaving.map(() => ({ status: 'rejected', reason: 'left' })))
    expect(clock.kept.at(-1)?.signal?.aborted).toBe(true)
    expect(clock.isKeepingAlive).toBe(false)
    expect(signals[0]?.aborted).toBe(false)
    ends[0]?.()
    await turn()
    await expect(secrets.get('old')).resolves.toBe('second')
  })

  test('it does again for the next reader, until the load has ended', async () => {
    const { clock, secrets, ends } = await build()
    await secrets.get('old')
    await turn()
    const controller = new AbortController()
    const first = secrets.get('old', { ttlMs: 1, signal: controller.signal })
    controller.abort('left')
    await expect(first).rejects.toBe('left')
    const next = secrets.get('old', { ttlMs: 1 })
    await turn()
    expect(clock.isKeepingAlive).toBe(true)
    ends[0]?.()
    await expect(next).resolves.toBe('second')
    await turn()
    expect(clock.isKeepingAlive).toBe(false)
    expect(clock.sleeping).toBe(0)
  })
})
