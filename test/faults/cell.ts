/** Runs the cells of the catalogue: one fault, one state of the cache, some callers, one or several references. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSecretsError, type SecretRead, type SecretsError } from '../../src/index.js'
import type { Service } from '../../src/reference/reference.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { type Bench, type BenchTransport, POLICY, openBench } from './bench.js'
import { expectCalm } from './calm.js'
import { CATALOGUE, type FaultRow, PINS, TARGETS } from './catalogue.js'
import {
  AGE_MS,
  type Cell,
  type Expected,
  type Shape,
  type State,
  expectedOf,
  hitsOf,
  loadsOf,
} from './expected.js'

const SHAPES: readonly Shape[] = ['single', 'batch']
const CALLERS = [1, 100]

/** One test for each row of the catalogue in this state. */
export function describeCells(
  state: State,
  { rows = CATALOGUE, transport = 'sdk', numbers = CALLERS }: CellOptions = {},
): void {
  expectCalm()
  keepStacksShort()
  const cells = rows.flatMap((row) =>
    row.services.flatMap((service) =>
      SHAPES.flatMap((shape) =>
        numbers.map((callers) => ({ row, service, state, shape, callers, title: titleOf(row, service) })),
      ),
    ),
  )
  describe.each(SHAPES)('%s', (shape) => {
    describe.each(numbers)('%i callers', (callers) => {
      const here = cells.filter((cell) => cell.shape === shape && cell.callers === callers)
      test.each(here)('$title', { timeout: 60_000 }, (cell) => runCell(cell, transport))
    })
  })
}

/** Which cells, and what carries their requests. */
interface CellOptions {
  readonly rows?: readonly FaultRow[]
  readonly transport?: BenchTransport
  /** Numbers of callers. */
  readonly numbers?: readonly number[]
}

/** Each of a hundred callers gets a stack of their own, and vitest maps every frame to its source. */
function keepStacksShort(): void {
  const limit = Error.stackTraceLimit
  beforeAll(() => {
    Error.stackTraceLimit = 4
  })
  afterAll(() => {
    Error.stackTraceLimit = limit
  })
}

const titleOf = ({ name }: FaultRow, service: Service) => `${name}, ${service}`

interface Asked {
  readonly ref: string
  readonly name: string
}

/** The reads of one reference. */
interface Reads extends Asked {
  readonly position: number
  readonly settled: readonly PromiseSettledResult<SecretRead<unknown>>[]
}

async function runCell(cell: Cell, transport: BenchTransport): Promise<void> {
  const { row, state } = cell
  const bench = await openBench({ tls: row.isTls }, {}, transport)
  const { clock, server } = bench
  if (state !== 'cold') {
    for (const reads of await readAll(bench, cell, { callers: 1 }))
      expect(summaryOf(reads)).toEqual({ value: 1 })
    clock.advance(AGE_MS[state])
  }

  bench.meet(row.fault, { hangs: row.hangs })
  const before = clock.mono
  const first = await readAll(bench, cell)
  if (state === 'revalidating') {
    expect(clock.mono, 'a stale value is there at once').toBe(before)
    await bench.until(() => loadsIn(bench) >= loadsOf(cell))
  }
  await bench.rest()
  expectRequests(bench, cell)
  const { hits } = server
  const next = await readAll(bench, cell)
  for (const reads of first) expectReads(bench, cell, reads, 'first')
  for (const reads of next) expectReads(bench, cell, reads, 'next')
  expect(server.hits, 'what is known is not asked for again').toBe(hits)
  expectNoNeedle([firstErrors([...first, ...next]), bench.events, bench.secrets.stats()], NEEDLE)

  await expectRecovery(bench, cell)
}

function referencesOf({ row, service, shape }: Cell): readonly Asked[] {
  const isSsm = service === 'ssm'
  const asked = (name: string) => ({ name, ref: isSsm ? `ssm:${name}` : name })
  const target = asked(TARGETS[service])
  const others = ['prod/next', 'prod/last'].map((name) => asked(isSsm ? `/${name}` : name))
  const first = row.isPinned ? { ...target, ref: PINS[service] } : target
  return shape === 'single' ? [first] : [first, ...others]
}

/** Reads each reference for each caller, all in one tick. */
async function readAll(
  bench: Bench,
  cell: Cell,
  { callers = cell.callers, fresh = false } = {},
): Promise<readonly Reads[]> {
  const as = cell.row.isJson ? 'json' : 'text'
  const references = referencesOf(cell)
  const settled = await bench.settle(
    references.flatMap(({ ref }) =>
      Array.from({ length: callers }, (): Promise<SecretRead<unknown>> =>
        bench.secrets.read(ref, { as, fresh }),
      ),
    ),
  )
  return references.map((asked, position) => ({
    ...asked,
    position,
    settled: settled.slice(position * callers, (position + 1) * callers),
  }))
}

/** How many reads came to what. */
function summaryOf({ settled }: Reads): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const one of settled) {
    const outcome = outcomeOf(one)
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}

function outcomeOf(one: PromiseSettledResult<SecretRead<unknown>>): string {
  if (one.status === 'fulfilled') return one.value.stale ? 'stale' : 'value'
  return isSecretsError(one.reason) ? one.reason.code : `no SecretsError: ${String(one.reason)}`
}

function expectReads(bench: Bench, cell: Cell, reads: Reads, when: keyof Expected): void {
  const expected = expectedOf(cell, reads.position)[when]
  expect(summaryOf(reads), `${when} reads of ${reads.ref}`).toEqual({ [expected]: cell.callers })
  const { row } = cell
  const stored = bench.server.value(reads.name)
  const own: unknown = row.isJson ? JSON.parse(String(stored)) : stored
  const value = expected === 'value' && row.value !== undefined ? row.value : own
  for (const read of valuesOf(reads)) expect(outlineOf(read.value)).toEqual(outlineOf(value))
  expectErrors(cell, errorsOf(reads), when)
}

/** Each caller has an error of their own, with the requests that were made for it. */
function expectErrors({ row, shape }: Cell, errors: readonly SecretsError[], when: keyof Expected): void {
  expect(new Set(errors).size).toBe(errors.length)
  const attempts = [...new Set(errors.map((error) => error.attempts))]
  if (errors.length === 0) return
  if (when === 'next') expect(attempts, 'requests for what is known').toEqual([0])
  else if (row.fault.at === 'credentials') expect(attempts, 'requests without credentials').toEqual([0])
  else if (shape === 'single') expect(attempts, 'requests').toEqual([row.attempts])
  else if (row.outcome !== 'throttled') expect(Math.max(...attempts)).toBeLessThanOrEqual(POLICY.maxAttempts)
}

function expectRequests({ server, secrets, clock }: Bench, cell: Cell): void {
  const { least, most } = hitsOf(cell)
  expect(server.hits, 'hits').toBeGreaterThanOrEqual(least)
  expect(server.hits, 'hits').toBeLessThanOrEqual(most)
  expect(server.count(), 'requests').toBe(cell.row.fault.at === 'request' ? server.hits : 0)
  expect(server.strays, 'redirects that were followed').toBe(0)
  expect(clock.sleeping, 'timers').toBe(0)
  expect(secrets.stats().clockAnomalies).toBe(0)
}

/** Once the service is well again the value is had, and nothing is left of the fault. */
async function expectRecovery(bench: Bench, cell: Cell): Promise<void> {
  const { row } = cell
  if (row.outcome === 'harmless') return
  bench.meet()
  bench.clock.advance(row.outcome === 'throttled' ? MAX_HINT_MS : POLICY.negativeTtlMs)
  // A version that cannot be decoded is cached like any other.
  const fresh = row.outcome === 'decode'
  const probed = await readAll(bench, cell, { callers: 1, fresh })
  await bench.rest()
  // While the service is known to fail nobody waits: one reads in the background, and the others after that.
  const recovered = probed.some((reads) => valuesOf(reads).some(({ stale }) => stale))
    ? await readAll(bench, cell, { callers: 1 })
    : probed
  for (const reads of recovered) {
    expect(summaryOf(reads), `recovery of ${reads.ref}`).toEqual({ value: 1 })
    const stored = bench.server.value(reads.name)
    const own: unknown = row.isJson ? JSON.parse(String(stored)) : stored
    for (const read of valuesOf(reads)) expect(read.value).toEqual(own)
  }
  await bench.rest()
}

/** The longest wait that a throttle of the catalogue asks for and gets. */
const MAX_HINT_MS = 30_000

function loadsIn({ events }: Bench): number {
  return events.filter(({ type }) => type === 'refresh').length
}

function valuesOf({ settled }: Reads): readonly SecretRead<unknown>[] {
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

function errorsOf({ settled }: Reads): readonly SecretsError[] {
  return settled.flatMap((one) =>
    one.status === 'rejected' && isSecretsError(one.reason) ? [one.reason] : [],
  )
}

/** One error of each reference: those of the other callers are made of the same facts. */
function firstErrors(reads: readonly Reads[]): readonly SecretsError[] {
  return reads.flatMap((one) => errorsOf(one).slice(0, 1))
}

/** The value itself, or how deep it is where it is nothing but nested: too deep to be compared by recursion. */
function outlineOf(value: unknown): unknown {
  let depth = 0
  let inner = value
  while (Array.isArray(inner) && inner.length <= 1) {
    inner = inner[0]
    depth += 1
  }
  return { depth, inner }
}
