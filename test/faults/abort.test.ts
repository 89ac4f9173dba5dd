/** A thousand callers who leave in any order, while the service does the worst it can (I17–I21). */

import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  deafPort,
  neverAnswers,
  refusal,
  resetAfterRequest,
  slowDrip,
  stallAfterHeaders,
  throttling,
  uncredentialled,
} from '../support/fault-server/faults.js'
import { type Bench, POLICY, openBench, turns } from './bench.js'
import { expectCalm } from './calm.js'

expectCalm()

const CALLERS = 1_000

/** An abort may come with anything. */
const REASONS: readonly ((number: number) => unknown)[] = [
  (number) => new Error(`caller ${number} left`),
  (number) => `caller ${number} left`,
  (number) => ({ number }),
  () => undefined,
]

interface Callers {
  readonly controllers: readonly AbortController[]
  readonly calls: readonly Promise<unknown>[]
}

/** Callers of these references in one tick, two to a signal. */
function call({ secrets }: Bench, refs: readonly string[]): Callers {
  const controllers = Array.from({ length: CALLERS / 2 }, () => new AbortController())
  const calls = Array.from({ length: CALLERS }, (_, number) => {
    const signal = controllers[number % controllers.length]?.signal
    return secrets.get(refs[number % refs.length] ?? '', { signal })
  })
  return { controllers, calls }
}

/** The same shuffle in every run. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  const left = [...items]
  let state = seed
  return items.flatMap(() => {
    state = (state * 48_271) % 2_147_483_647
    return left.splice(state % left.length, 1)
  })
}

const FAULTS = [
  ['a service that never answers', neverAnswers],
  ['silence after the headers', stallAfterHeaders],
  ['a slow drip', slowDrip],
  ['a port that says nothing', deafPort],
  ['a reset, and then a back-off', resetAfterRequest],
  ['throttling, and then a back-off', throttling()],
  ['credentials that never come', uncredentialled('never')],
] as const

const SHAPES = [
  ['one secret', ['prod/db']],
  ['a batch of secrets', ['prod/db', 'prod/next', 'prod/last']],
  ['a batch of parameters', ['ssm:/prod/level', 'ssm:/prod/next']],
] as const

describe.each(SHAPES)('%s', (_shape, refs) => {
  test.each(FAULTS)(
    '%s: each caller leaves at once with the own reason, and the last ends it all',
    async (_title, fault) => {
      const bench = await openBench()
      const { clock, secrets, server } = bench
      bench.meet(fault)
      const { controllers, calls } = call(bench, refs)
      const settled = Promise.allSettled(calls)
      await server.struck(1)
      await turns(10)
      for (const [position, controller] of shuffled(controllers, 7).entries()) {
        controller.abort(REASONS[position % REASONS.length]?.(position))
        if (position % 50 === 0) await turns(1)
      }
      for (const [number, outcome] of (await settled).entries()) {
        const reason: unknown = controllers[number % controllers.length]?.signal.reason
        expect(outcome.status === 'rejected' && outcome.reason === reason, `caller ${number}`).toBe(true)
      }
      await bench.rest()
      expect(clock.mono, 'nobody had to wait').toBe(0)
      expect(secrets.stats()).toMatchObject({ failures: 0, entries: 0 })
      for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([])

      // An abort is no failure: nothing of it is remembered (I19).
      bench.meet()
      const reads = await bench.settle(refs.map((ref) => secrets.get(ref)))
      expect(reads.map(({ status }) => status)).toEqual(refs.map(() => 'fulfilled'))
    },
  )

  test('all but one leave: the one is answered, by the request that was made for all', async () => {
    const bench = await openBench()
    const { server } = bench
    bench.meet(slowDrip)
    const { controllers, calls } = call(bench, refs)
    const staying = bench.secrets.get(refs[0])
    const settled = Promise.allSettled(calls)
    await server.struck(1)
    for (const controller of shuffled(controllers, 11)) controller.abort()
    await settled
    while (server.drip(64) > 0) await turns(1)
    expect(await bench.settle([staying])).toMatchObject([{ status: 'fulfilled' }])
    expect(server.count()).toBe(1)
    await bench.rest()
  })

  test('one signal for everybody, aborted while a stale value is loaded anew: the load goes on', async () => {
    const bench = await openBench()
    const { clock, secrets, server } = bench
    await bench.settle(refs.map((ref) => secrets.get(ref)))
    clock.advance(POLICY.ttlMs + POLICY.staleWhileRevalidateMs - 30_000)
    bench.meet(slowDrip)
    const controller = new AbortController()
    const { signal } = controller
    await bench.settle(Array.from({ length: CALLERS }, () => secrets.get(refs[0], { signal })))
    await server.struck(1)
    controller.abort()
    while (server.drip(64) > 0) await turns(1)
    await bench.rest()
    expect(bench.events.filter(({ type }) => type === 'refresh')).toMatchObject([{ ok: true }])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('aborted before it is asked: nothing is sent, on a miss and on a hit (I20)', async () => {
    const bench = await openBench()
    bench.meet(refusal('InternalFailure', { status: 500 }))
    const signal = AbortSignal.abort('gone')
    const read = () =>
      bench.settle(Array.from({ length: CALLERS }, () => bench.secrets.get(refs[0], { signal })))
    const isGone = (outcome: PromiseSettledResult<unknown>) =>
      outcome.status === 'rejected' && outcome.reason === 'gone'
    expect((await read()).every(isGone)).toBe(true)
    expect(bench.server.hits).toBe(0)
    bench.meet()
    await bench.settle([bench.secrets.get(refs[0])])
    expect((await read()).every(isGone)).toBe(true)
    expect(bench.server.count()).toBe(1)
  })
})
