/**
 * Warm secrets through a throttle storm, an outage and a rotation, beside what others serve meanwhile.
 *
 * @module
 */

import type { Bench, Chart, Lines, Results, Table } from '../harness/bench.js'
import { type Course, play } from './outage/course.js'
import {
  FULL_PLAN,
  PATIENCE_MS,
  type Plan,
  QUICK_PLAN,
  READ_EVERY_MS,
  SECRETS,
  type Span,
} from './outage/plan.js'
import { type ReaderName, READERS } from './outage/reader.js'
import type { Bin } from './outage/reader-worker.js'
import { recovery } from './outage/recovery.js'
import { warmOutage } from './outage/warm-outage.js'

/** Failures and outdated values over time. */
export const outage: Bench = {
  name: 'outage',
  title: 'Outage: throttle storm, outage and rotation',
  measure: async ({ isQuick }): Promise<Results> => {
    const plan = isQuick ? QUICK_PLAN : FULL_PLAN
    const courses = await play(plan, NAMES)
    return {
      tables: [tableOf(courses, plan), await warmOutage(isQuick), await recovery(isQuick)],
      targets: targetsOf(courses, plan),
      charts: chartsOf(courses, plan),
      notes: notesOf(plan),
    }
  },
}

const NAMES: readonly ReaderName[] = [
  'helper',
  'lruFetch',
  'powertools',
  'powertoolsForced',
  'ours',
  'oursWithSecret',
]

/** Those who differ before the rotation. */
const PLAIN: ReadonlySet<ReaderName> = new Set(['helper', 'lruFetch', 'powertools', 'ours'])

function tableOf(courses: readonly Course[], plan: Plan): Table {
  const { storm, refusing, silent, rotatedAt, endAt } = plan
  const outageSpan = { from: refusing.from, to: silent.to }
  const rotations = { from: Math.min(...rotatedAt), to: endAt }
  const readsIn = ({ from, to }: Span) => (to - from) / READ_EVERY_MS
  return {
    title: `${1000 / READ_EVERY_MS} reads/s of ${SECRETS} warm secrets, TTL ${plan.ttlMs / 1000} s`,
    columns: [
      'reader',
      `storm: failed of ${readsIn(storm)}`,
      `503: failed of ${readsIn(refusing)}`,
      `no answer: failed of ${readsIn(silent)}`,
      'failed after it',
      `${rotatedAt.length} rotations: uses that failed of ${readsIn(rotations)}`,
      'tries that the database refused',
      '… the last so long after, ms',
      'slowest served read, ms',
      'calls: storm',
      'calls: outage',
    ],
    rows: courses.map((course) => [
      READERS[course.reader].title,
      `${sumOf(course, plan, storm, 'failed')}`,
      `${sumOf(course, plan, refusing, 'failed')}`,
      `${sumOf(course, plan, silent, 'failed')}`,
      `${sumOf(course, plan, { from: silent.to, to: endAt }, 'failed')}`,
      `${sumOf(course, plan, rotations, 'wrong')}`,
      `${sumOf(course, plan, rotations, 'refused')}`,
      course.refusedUntilMs.toFixed(0),
      course.slowestServedMs.toFixed(0),
      `${callsIn(course, plan, storm)}`,
      `${callsIn(course, plan, outageSpan)}`,
    ]),
  }
}

function sumOf({ bins }: Course, { binMs }: Plan, { from, to }: Span, what: keyof Bin): number {
  return bins.slice(from / binMs, to / binMs).reduce((sum, bin) => sum + bin[what], 0)
}

function callsIn({ calls }: Course, { binMs }: Plan, { from, to }: Span): number {
  return (calls[to / binMs - 1] ?? NaN) - (calls[from / binMs - 1] ?? 0)
}

function targetsOf(courses: readonly Course[], plan: Plan): Results['targets'] {
  return courses
    .filter(({ reader }) => reader === 'ours' || reader === 'oursWithSecret')
    .flatMap((course) => {
      const failed = sumOf(course, plan, { from: 0, to: plan.endAt }, 'failed')
      const wrong = sumOf(course, plan, { from: 0, to: plan.endAt }, 'wrong')
      const isPlain = course.reader === 'ours'
      const boundMs = plan.ttlMs + SECRETS * READ_EVERY_MS + MARGIN_MS
      const { title } = READERS[course.reader]
      return [
        { what: `${title}: failed reads`, goal: '0', measured: `${failed}`, isMet: failed === 0 },
        isPlain
          ? {
              what: `${title}: old value in use after a rotation`,
              goal: `≤ ${boundMs} ms (TTL, the next read, one request)`,
              measured: `${course.refusedUntilMs.toFixed(0)} ms`,
              isMet: course.refusedUntilMs <= boundMs,
            }
          : { what: `${title}: uses that failed`, goal: '0', measured: `${wrong}`, isMet: wrong === 0 },
      ]
    })
}

/** One request, and what a busy machine adds to it. */
const MARGIN_MS = 100

function chartsOf(courses: readonly Course[], plan: Plan): readonly Chart[] {
  const plain = courses.filter(({ reader }) => PLAIN.has(reader))
  const drawn = (
    of: readonly Course[],
    yUnit: string,
    perBin: (course: Course) => readonly number[],
  ): Lines => ({
    kind: 'lines',
    xUnit: 's',
    yUnit,
    lines: of.map((course) => ({
      label: READERS[course.reader].title,
      points: perBin(course).map((count, bin) => pointOf(count, bin, plan)),
      isOurs: course.reader.startsWith('ours'),
    })),
    spans: spansOf(plan),
  })
  return [
    {
      name: 'failures',
      title: 'Reads that failed',
      drawing: drawn(plain, 'failed reads/s', ({ bins }) => bins.map(({ failed }) => failed)),
    },
    {
      name: 'outdated',
      title: 'Uses of a value that was not current any more',
      drawing: drawn(courses, 'failed uses/s', ({ bins }) => bins.map(({ wrong }) => wrong)),
    },
    {
      name: 'calls',
      title: 'Requests that reached AWS',
      drawing: drawn(plain, 'requests/s', ({ calls }) =>
        calls.map((count, bin) => count - (calls[bin - 1] ?? 0)),
      ),
    },
  ]
}

function pointOf(count: number, bin: number, { binMs }: Plan): readonly [number, number] {
  return [((bin + 0.5) * binMs) / 1000, (count * 1000) / binMs]
}

function spansOf({ storm, refusing, silent, rotatedAt, endAt }: Plan): Lines['spans'] {
  const span = (label: string, { from, to }: Span) => ({ label, from: from / 1000, to: to / 1000 })
  return [
    span('throttled', storm),
    span('503', refusing),
    span('no answer', silent),
    ...rotatedAt.map((from, position) => span('rotated', { from, to: rotatedAt[position + 1] ?? endAt })),
  ]
}

function notesOf({ ttlMs }: Plan): readonly string[] {
  return [
    `Each reader is a process with an emulator of its own, all at the same time; one run, so small differences are not findings.`,
    `TTL ${ttlMs / 1000} s for all, so that every value expires several times in each span; with five minutes a tenth of the values would expire in an outage of 30 s.`,
    'Three attempts and two seconds for a request, for all; the others set `requestTimeout` and `throwOnRequestTimeout`, since the SDK waits for ever otherwise. All other settings are the defaults.',
    `A read fails when it rejects or takes longer than ${PATIENCE_MS / 1000} s. In the storm one request per second passes.`,
    'After a rotation a simulated database refuses every value but the new one at once, as in a rotation of a single user. Two of the readers ask anew when that happens. How long an old value lasts depends on how old it was when it was rotated: between nothing and one TTL for everybody.',
    'lru-cache.fetch keeps serving through the storm and the 503s too, once it is told to; it waits for each request while AWS does not answer.',
  ]
}
