/** Every fault of the catalogue, over the real SDK and without it: whatever AWS or the network does, no value shows anywhere (I51, I52). */

import { channelNames, listenToProcess } from './heard.js'
import { describe, expect, test } from 'vitest'
import type { Service } from '../../src/reference/reference.js'
import { POLICY, openBench } from '../faults/bench.js'
import { CATALOGUE, type FaultRow, PINS, TARGETS } from '../faults/catalogue.js'
import { LONG_JSON } from './forms.js'
import { Matrix } from './matrix.js'
import { Scene } from './scene.js'

listenToProcess()
const matrix = new Matrix('faults of AWS and of the network')

const MODES = [
  { mode: 'plain', seal: false, transport: 'sdk' },
  { mode: 'sealed', seal: true, transport: 'sdk' },
  { mode: 'without the SDK', seal: false, transport: 'lean' },
] as const

const OTHERS: Readonly<Record<Service, readonly string[]>> = {
  secretsmanager: ['prod/next', 'prod/last'],
  ssm: ['/prod/next', '/prod/last'],
}
const STALE_MS = POLICY.ttlMs + POLICY.staleWhileRevalidateMs + 1_000
const SCHEMA = {
  type: 'object',
  properties: { password: { type: 'string' } },
  required: ['password'],
} as const

interface Cell {
  readonly row: FaultRow
  readonly service: Service
  readonly title: string
}

const CELLS: readonly Cell[] = CATALOGUE.flatMap((row) =>
  row.services.map((service) => ({ row, service, title: `${row.name}, ${service}` })),
)

describe.each(MODES)('$mode', ({ seal, transport }) => {
  test.each(CELLS)('$title', { timeout: 20_000 }, async ({ row, service }) => {
    const refOf = (name: string) => (service === 'ssm' ? `ssm:${name}` : name)
    const [name, [next = '', last = '']] = [TARGETS[service], OTHERS[service]]
    const values = Object.fromEntries([name, next, last].map((one) => [one, LONG_JSON]))
    const { secrets, settle, meet, rest, clock, events } = await openBench(
      { tls: row.isTls, values },
      { seal },
      transport,
    )
    const scene = new Scene(secrets, events, settle)
    const target = row.isPinned ? PINS[service] : refOf(name)

    await scene.reads([secrets.read(refOf(next), { as: 'json', schema: SCHEMA })])
    clock.advance(STALE_MS)
    meet(row.fault, { hangs: row.hangs })
    const as = row.isJson ? 'json' : 'text'
    await scene.asGiven([secrets.get(target, { as })])
    await scene.reads([
      secrets.read(target, { as }),
      secrets.read(refOf(next), { as: 'json', schema: SCHEMA }),
    ])
    await rest()
    const { all, others } = {
      all: {
        target: { ref: target, as },
        next: { ref: refOf(next), as },
        last: { ref: refOf(last), as },
      } as const,
      others: [refOf(name), refOf(last)],
    }
    await scene.asGiven([secrets.load(all)])
    await scene.boxed([secrets.load(all, { redacted: true })])
    await scene.others([secrets.prefetch(others), secrets.prefetch(others, { throwOnFailure: true })])
    await scene.others([secrets.refresh(refOf(name))])
    await rest()
    matrix.check(await scene.end())
  })
})

test('the channels of the library, and of the cache inside it, are listened to', () => {
  expect(channelNames()).toEqual(expect.arrayContaining(['aws-secrets-client', 'lru-cache:metrics']))
})
