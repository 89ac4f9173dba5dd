/** Clocks that lie, an event loop that is blocked, and a process that is frozen in the middle of a read. */

import { describe, expect, test } from 'vitest'
import { neverAnswers, refusal, resetAfterRequest } from '../support/fault-server/faults.js'
import { NEEDLE } from '../support/needle.js'
import { type Bench, POLICY, openBench, turns } from './bench.js'
import { expectCalm } from './calm.js'

expectCalm()

const HOUR_MS = 3_600_000
const DOWN = refusal('InternalFailure', { status: 500 })
const VALUE = { status: 'fulfilled', value: { stale: false } }
const STALE = { status: 'fulfilled', value: { stale: true } }
const FAILED = { status: 'rejected', reason: { code: 'ERR_UNAVAILABLE' } }

async function openCached(): Promise<Bench> {
  const bench = await openBench()
  await bench.settle([bench.secrets.get('prod/db')])
  bench.meet()
  return bench
}

const hundred = ({ secrets }: Bench) => Array.from({ length: 100 }, () => secrets.read('prod/db'))

describe('a clock that lies', () => {
  test.each([
    ['the wall clock is set back an hour', -HOUR_MS, 0, VALUE, 0],
    ['the wall clock is set forward an hour (I47)', HOUR_MS, 0, VALUE, 1],
    ['a frozen hour that only the wall clock saw (I48)', HOUR_MS, 0, VALUE, 1],
    ['the monotonic clock jumps an hour', 0, HOUR_MS, VALUE, 1],
    ['both jump, one forward and one back', -HOUR_MS, HOUR_MS, VALUE, 1],
  ])('%s: a hundred reads are one request at most', async (_title, wall, mono, expected, requests) => {
    const bench = await openCached()
    bench.clock.wall += wall
    bench.clock.mono += mono
    for (const read of await bench.settle(hundred(bench))) expect(read).toMatchObject(expected)
    expect(bench.server.count()).toBe(requests)
  })

  test.each([
    ['the wall clock is set forward an hour', HOUR_MS, 0, STALE],
    ['the monotonic clock jumps an hour', 0, HOUR_MS, STALE],
    ['the wall clock is set forward two hours', 2 * HOUR_MS, 0, FAILED],
    [
      'the monotonic clock jumps two hours while the wall clock is set back two',
      -2 * HOUR_MS,
      2 * HOUR_MS,
      FAILED,
    ],
  ])(
    '%s while the service is down: nothing is served past its bound (I3)',
    async (_title, wall, mono, expected) => {
      const bench = await openCached()
      bench.meet(DOWN)
      bench.clock.wall += wall
      bench.clock.mono += mono
      for (const read of await bench.settle(hundred(bench))) expect(read).toMatchObject(expected)
      await bench.rest()
    },
  )

  test('the wall clock is set back an hour: no entry becomes immortal (I46)', async () => {
    const bench = await openCached()
    bench.meet(DOWN)
    bench.clock.wall -= HOUR_MS
    bench.clock.advance(POLICY.ttlMs + POLICY.staleIfErrorMs + 1)
    const [read] = await bench.settle([bench.secrets.read('prod/db')])
    expect(read).toMatchObject(FAILED)
  })

  test.each([HOUR_MS, -HOUR_MS])('the wall clock jumps by %i ms during a request', async (jump) => {
    const bench = await openBench()
    const { clock, server } = bench
    const read = bench.secrets.read('prod/db')
    await server.received(1)
    clock.wall += jump
    expect(await bench.settle([read])).toMatchObject([VALUE])
    expect(await bench.settle([bench.secrets.read('prod/db')])).toMatchObject([VALUE])
    // Forward, the answer may be an hour old: the second read asks again.
    expect(server.count()).toBe(jump > 0 ? 2 : 1)
    expect(clock.mono).toBe(0)
    await bench.rest()
  })
})

/** Real time in which the kernel has put into one socket what was written to the other, however busy it is. */
const DELIVERY_MS = 100

/** Blocks the event loop, for so much real time. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe('an event loop that is blocked', () => {
  test.each([2_500, 6_000])('for %i ms: an answer that is there already is no timeout', async (blockMs) => {
    const bench = await openBench()
    const read = bench.secrets.read('prod/db')
    await bench.server.received(1)
    // The answer is written, and nobody reads it: the timers of Node.js come before its sockets.
    block(DELIVERY_MS)
    bench.clock.advance(blockMs)
    expect(await bench.settle([read])).toMatchObject([VALUE])
    expect(bench.server.count()).toBe(1)
    await bench.rest()
  })

  test('past the stale window: in the same tick nothing is served any more (I49)', async () => {
    const bench = await openCached()
    bench.meet(DOWN)
    bench.clock.advance(POLICY.ttlMs + POLICY.staleIfErrorMs + 1)
    expect(await bench.settle([bench.secrets.read('prod/db')])).toMatchObject([FAILED])
  })

  test('without an answer: the read ends as soon as the loop goes on', async () => {
    const bench = await openBench()
    bench.meet(neverAnswers, { hangs: true })
    const read = bench.secrets.read('prod/db')
    await bench.server.struck(1)
    bench.clock.advance(6_000)
    expect(await bench.settle([read])).toMatchObject([
      { status: 'rejected', reason: { code: 'ERR_TIMEOUT' } },
    ])
    expect(bench.clock.mono).toBe(6_000)
    await bench.rest()
  })
})

describe('an hour frozen, which the monotonic clock does not see', () => {
  test.each([
    ['one reference', ['prod/db']],
    ['a batch', ['prod/db', 'prod/next', 'prod/last']],
  ])(
    'in the middle of a request for %s: who comes after it does not wait for a dead socket (I23)',
    async (_title, refs) => {
      const bench = await openBench()
      const { clock, secrets, server } = bench
      server.next(neverAnswers)
      const frozen = refs.map((ref) => secrets.read(ref))
      await server.struck(1)
      clock.wall += HOUR_MS
      const thawed = refs.flatMap((ref) => Array.from({ length: 100 }, () => secrets.read(ref)))
      for (const read of await bench.settle(thawed)) expect(read).toMatchObject(VALUE)
      expect([clock.mono, server.count()]).toEqual([0, 2])
      clock.advance(POLICY.attemptTimeoutMs)
      for (const read of await bench.settle(frozen)) expect(read).toMatchObject(VALUE)
      await bench.rest()
    },
  )

  test('in the middle of a back-off', async () => {
    const bench = await openBench()
    const { clock, secrets, server } = bench
    server.next(resetAfterRequest)
    const frozen = secrets.read('prod/db')
    while (clock.count('back-off') === 0) await turns(1)
    clock.wall += HOUR_MS
    const thawed = Array.from({ length: 100 }, () => secrets.read('prod/db'))
    for (const read of await bench.settle([...thawed, frozen])) expect(read).toMatchObject(VALUE)
    expect(server.count()).toBe(3)
    await bench.rest()
  })

  test('in the middle of a batch window: one batch, stamped after the thaw', async () => {
    const bench = await openBench()
    const { clock, secrets, server } = bench
    const before = secrets.read('prod/db')
    await Promise.resolve()
    clock.wall += HOUR_MS
    const reads = await bench.settle([before, secrets.read('prod/next'), secrets.read('prod/last')])
    for (const read of reads)
      expect(read).toMatchObject({ ...VALUE, value: { fetchedAt: new Date(clock.wall) } })
    expect(server.count('BatchGetSecretValue')).toBe(1)
    expect(await bench.settle([secrets.get('prod/db')])).toMatchObject([
      { value: expect.stringContaining(NEEDLE) as unknown },
    ])
    expect(server.count()).toBe(1)
  })

  test('in the middle of a load in the background: the next reader has one of its own', async () => {
    const bench = await openCached()
    const { clock, secrets, server } = bench
    clock.advance(POLICY.ttlMs + 1)
    server.next(neverAnswers)
    expect(await bench.settle([secrets.read('prod/db')])).toMatchObject([STALE])
    await server.struck(1)
    clock.wall += HOUR_MS / 2
    const before = clock.mono
    for (const read of await bench.settle(hundred(bench))) expect(read).toMatchObject(VALUE)
    expect([clock.mono - before, server.count()]).toEqual([0, 2])
    clock.advance(POLICY.attemptTimeoutMs)
    await bench.rest()
  })
})
