/** A clock of the user's that throws costs no more than it must: no crash, no read that hangs, no slot. */

import { expect, test } from 'vitest'
import { SecretsClient } from '../../src/index.js'
import { Governor } from '../../src/retry/governor.js'
import { FakeBatchSource, deferred, echo } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const turn = () => new Promise(setImmediate)

/** Throws when it is told to. */
class UnsteadyClock extends ManualClock {
  throws = 0

  override monotonic(): number {
    if (this.throws > 0) {
      this.throws -= 1
      throw new Error('the clock is broken')
    }
    return super.monotonic()
  }
}

test('once, when what was asked for in a tick is put together: it is read nevertheless', async () => {
  const clock = new UnsteadyClock()
  const source = new FakeBatchSource((references) =>
    references.length > 1
      ? Promise.reject(Object.assign(new Error('no'), { name: 'AccessDeniedException' }))
      : echo(references),
  )
  const secrets = new SecretsClient({ clock, sources: [source] })
  // From now on it is remembered, by the clock, that the group cannot be batched.
  await Promise.all([secrets.get('a'), secrets.get('b')])
  await turn()
  const uncaught: unknown[] = []
  const record = (error: unknown) => uncaught.push(error)
  process.prependListener('uncaughtException', record)
  try {
    // Runs right before what puts the tick together.
    process.nextTick(() => {
      clock.throws = 1
    })
    const reads = Promise.all([secrets.get('c'), secrets.get('d')])
    const late = (async () => {
      for (let turns = 0; turns < 20; turns += 1) await turn()
      return 'nothing yet'
    })()
    await expect(Promise.race([reads, late])).resolves.toEqual(['c', 'd'])
    expect(clock.throws).toBe(0)
    expect(uncaught).toEqual([])
  } finally {
    process.off('uncaughtException', record)
  }
})

test('whenever the governor looks at it: each slot is free again afterwards', async () => {
  const { signal } = new AbortController()
  for (const outcome of ['ok', 'throttled', 'failed'] as const) {
    const clock = new UnsteadyClock()
    const governor = new Governor({ clock, maxConcurrent: 1 })
    const run = (work: () => Promise<unknown>) =>
      governor.run('lane', { signal, isBackground: false, verdictOf: () => outcome }, work)
    const begun: number[] = []
    const ends = Array.from({ length: 3 }, () => deferred<undefined>())
    clock.throws = Infinity
    const runs = ends.map((end, index) =>
      run(() => {
        begun.push(index)
        return end.promise
      }),
    )
    const all = Promise.allSettled(runs)
    await turn()
    expect(begun).toEqual([0])
    ends[0]?.resolve(undefined)
    await turn()
    expect(begun).toEqual([0, 1])
    clock.throws = 0
    ends[1]?.resolve(undefined)
    await turn()
    expect(begun).toEqual([0, 1, 2])
    ends[2]?.resolve(undefined)
    await expect(all).resolves.toMatchObject(ends.map(() => ({ status: 'fulfilled' })))
    await expect(run(() => Promise.resolve('next'))).resolves.toBe('next')
  }
})
