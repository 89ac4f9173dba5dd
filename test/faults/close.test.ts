/** `close()` at any moment of any fault: everybody who waits is told at once, and nothing stays behind (I26). */

import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/index.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { type Bench, POLICY, openBench, turns } from './bench.js'
import { expectCalm } from './calm.js'
import { CATALOGUE, type FaultRow } from './catalogue.js'

expectCalm()

const REFS = {
  secretsmanager: ['prod/db', 'prod/next', 'prod/last'],
  ssm: ['ssm:/prod/level', 'ssm:/prod/next', 'ssm:/prod/last'],
}

/** Turns of the event loop before the end: in the tick of the reads, on the way, and in the thick of it. */
const MOMENTS = [0, 2, 12]

const CASES = CATALOGUE.flatMap((row) =>
  row.services.map((service) => ({ row, refs: REFS[service], title: `${row.name}, ${service}` })),
)

async function openFaulty(row: FaultRow): Promise<Bench> {
  const bench = await openBench({ tls: row.isTls })
  bench.meet(row.fault, { hangs: row.hangs })
  return bench
}

/** Everything that a client can be asked for, at once. */
function askAll({ secrets }: Bench, refs: readonly string[]): readonly Promise<unknown>[] {
  const { signal } = new AbortController()
  return [
    ...refs.flatMap((ref) => Array.from({ length: 5 }, () => secrets.get(ref))),
    ...refs.map((ref) => secrets.read(ref, { signal, fresh: true })),
    ...refs.map((ref) => secrets.refresh(ref)),
    secrets.prefetch(refs, { throwOnFailure: true }),
    ...refs.map((ref) => secrets.watch(ref, { signal }).next()),
  ]
}

/** What is over before may be a value, or the row's own failure; of what can only be cut short all is. */
function expectClosed(
  outcomes: readonly PromiseSettledResult<unknown>[],
  row: FaultRow,
  isCut: boolean,
): void {
  const ends = new Set(outcomes.map(endOf))
  for (const end of isCut ? [] : ['value', row.code]) ends.delete(end)
  // A watch ends, and a prefetch fails with what failed of it.
  for (const end of ['ERR_CLOSED', 'ERR_LOAD', 'end']) ends.delete(end)
  expect([...ends]).toEqual([])
}

function endOf(outcome: PromiseSettledResult<unknown>): string | undefined {
  if (outcome.status === 'rejected')
    return isSecretsError(outcome.reason) ? outcome.reason.code : 'no SecretsError'
  const { value } = outcome
  const isEnd = typeof value === 'object' && value !== null && Reflect.get(value, 'done') === true
  return isEnd ? 'end' : 'value'
}

async function expectNothingLeft(bench: Bench, refs: readonly string[]): Promise<void> {
  const { clock, secrets, server } = bench
  await bench.rest()
  const { hits } = server
  for (const outcome of await bench.settle(askAll(bench, refs)))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_CLOSED' } })
  expect([server.hits, clock.sleeping, secrets.stats().entries]).toEqual([hits, 0, 0])
}

describe.each(MOMENTS)('after %i turns', (moment) => {
  test.each(CASES)('$title', async ({ row, refs }) => {
    const bench = await openFaulty(row)
    const { clock, secrets } = bench
    const asked = Promise.allSettled(askAll(bench, refs))
    await turns(moment)
    await secrets.close()
    const outcomes = await asked
    expect(clock.mono, 'nobody had to wait').toBe(0)
    expectClosed(outcomes, row, moment === 0 || row.hangs)
    expectNoNeedle(
      outcomes
        .flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
        .slice(0, 3),
      NEEDLE,
    )
    await expectNothingLeft(bench, refs)
  })
})

describe('in a back-off, and behind a stale value', () => {
  const passing = CASES.filter(({ row }) => row.outcome === 'transient' || row.outcome === 'throttled')
  const backingOff = passing.filter(({ row }) => !row.hangs && row.attempts > 1)

  test.each(backingOff)('between two attempts: $title', async ({ row, refs }) => {
    const bench = await openFaulty(row)
    const { clock, secrets } = bench
    const asked = Promise.allSettled(refs.map((ref) => secrets.get(ref)))
    while (clock.count('back-off') === 0) await turns(1)
    await secrets.close()
    for (const outcome of await asked)
      if (outcome.status === 'rejected') expect(outcome).toMatchObject({ reason: { code: 'ERR_CLOSED' } })
    expect(clock.mono).toBe(0)
    await expectNothingLeft(bench, refs)
  })

  test.each(passing)('in the background: $title', async ({ row, refs }) => {
    const bench = await openBench({ tls: row.isTls })
    const { clock, secrets, server } = bench
    await bench.settle(refs.map((ref) => secrets.get(ref)))
    clock.advance(POLICY.ttlMs + 1)
    bench.meet(row.fault, { hangs: row.hangs })
    for (const outcome of await bench.settle(refs.map((ref) => secrets.read(ref))))
      expect(outcome).toMatchObject({ status: 'fulfilled', value: { stale: true } })
    await server.struck(1)
    const before = clock.mono
    await secrets.close()
    await bench.rest()
    expect(clock.mono).toBe(before)
    expect(bench.events.filter(({ type }) => type === 'refresh')).toEqual([])
    await expectNothingLeft(bench, refs)
  })
})
