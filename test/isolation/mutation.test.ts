/** Whatever a caller does to what was handed out, neither the cache nor any other caller sees it (I54). */

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type SecretsClient, type SecretsEvent, rdsCredentials, splitValue } from '../../src/index.js'
import { MODES, openScene, sourcesOf } from '../leaks/open.js'

const DB = {
  engine: 'postgres',
  host: 'db',
  port: 5432,
  username: 'app',
  password: 'hunter2',
  tags: [{ a: ['b'] }],
}
const PARTS = splitValue('parts', 'x'.repeat(5000), { maxPartBytes: 2048 })

const STOCK = {
  ...{ db: JSON.stringify(DB), text: 'a text', bytes: Buffer.from([1, 2, 3]), list: 'a,b,c' },
  ...Object.fromEntries(PARTS.map(({ name, text }) => [name, text])),
}

const LEAVES = [
  { name: '/app/db/host', text: 'db', isList: false, version: 1 },
  { name: '/app/names', text: 'a,b', isList: true, version: 1 },
]

/** A schema whose output no copy can be made of. */
const dated = z.object({ port: z.number() }).transform(({ port }) => ({ at: new Date(port), tags: ['a'] }))

const WAYS: readonly (readonly [string, (secrets: SecretsClient) => Promise<unknown>])[] = [
  ['JSON', (secrets) => secrets.get('db', { as: 'json' })],
  ['a field that is an object', (secrets) => secrets.get('db#tags', { as: 'json' })],
  ['bytes', (secrets) => secrets.get('bytes', { as: 'bytes' })],
  ['bytes of a text', (secrets) => secrets.get('text', { as: 'bytes' })],
  ['a list', (secrets) => secrets.get('list', { as: 'list' })],
  ['what a ready-made schema gives', (secrets) => secrets.get('db', { schema: rdsCredentials })],
  ['what a JSON Schema gives', (secrets) => secrets.get('db', { schema: { type: 'object' } })],
  ['what a zod schema gives', (secrets) => secrets.get('db', { schema: ZOD })],
  ['what a schema makes with a date in it', (secrets) => secrets.get('db', { schema: dated })],
  ['parts, as bytes', (secrets) => secrets.get('parts', { as: 'bytes', parts: true })],
  ['a tree', (secrets) => secrets.tree('/app')],
  ['a flat tree', (secrets) => secrets.tree('/app', { flat: true })],
  ['a read', (secrets) => secrets.read('db', { as: 'json' })],
  ['a read of bytes', async (secrets) => (await secrets.read('bytes', { as: 'bytes' })).value],
  ['a redacted read', (secrets) => secrets.get('db', { as: 'json', redacted: true })],
  ['what is in it', async (secrets) => (await secrets.get('db', { as: 'json', redacted: true })).reveal()],
  [
    'redacted bytes',
    async (secrets) => (await secrets.get('bytes', { as: 'bytes', redacted: true })).reveal(),
  ],
  [
    'a load',
    (secrets) =>
      secrets.load({
        db: { ref: 'db', schema: rdsCredentials },
        bytes: { ref: 'bytes', as: 'bytes' },
        list: { ref: 'list', as: 'list' },
        tree: { tree: '/app' },
      }),
  ],
  ['a watch', async (secrets) => (await secrets.watch('db', { as: 'json' }).next()).value],
  ['a prefetch', (secrets) => secrets.prefetch(['db', 'gone'])],
  ['a refresh', (secrets) => secrets.refresh('db')],
]

const ZOD = z.object({ port: z.number(), tags: z.array(z.unknown()).default([]) })

/** What a reader sees, all members that count at any depth. */
function seenIn(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (value instanceof Uint8Array) return [...value]
  if (value instanceof Error) return Reflect.get(value, 'code')
  if (typeof value !== 'object' || value === null) return value
  // Whether a refresh changed anything depends on what was before.
  const own = Object.entries({ ...value, changed: undefined }).map(
    ([key, member]) => [key, seenIn(member)] as const,
  )
  const inner: unknown = Reflect.get(value, 'value')
  return inner === undefined ? own : [...own, seenIn(inner)]
}

/** Overwrites, adds, empties and turns round whatever lets it. */
function vandalise(root: unknown): void {
  const seen = new Set<unknown>()
  const pending = [root]
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    const members: unknown[] = Reflect.ownKeys(node).map((key): unknown => Reflect.get(node, key))
    pending.push(...members, Reflect.get(node, 'value'))
    if (node instanceof Date) node.setTime(0)
    if (node instanceof Uint8Array) node.fill(66)
    for (const key of Reflect.ownKeys(node)) {
      if (key === 'length') continue
      Reflect.set(node, key, 'vandalised')
      Reflect.deleteProperty(node, key)
    }
    Reflect.set(node, 'added', 'vandalised')
    Reflect.set(node, 'value', 'vandalised')
    if (!Object.isFrozen(node) && !(node instanceof Uint8Array)) Reflect.setPrototypeOf(node, null)
    try {
      if (Array.isArray(node)) node.push('vandalised')
    } catch {
      // Frozen, as it should be.
    }
  }
}

describe.each(MODES)('$mode', ({ seal }) => {
  const open = () => openScene({ sources: sourcesOf(STOCK, LEAVES), seal }).secrets

  test.each(WAYS)('%s', async (_title, read) => {
    const secrets = open()
    const [before, other] = [await read(secrets), await read(secrets)]
    const seen = seenIn(await read(secrets))
    expect(seenIn(before)).toEqual(seen)
    vandalise(before)
    expect(seenIn(other), 'another caller').toEqual(seen)
    expect(seenIn(await read(secrets)), 'a later caller').toEqual(seen)
    secrets.invalidate()
    expect(seenIn(await read(secrets)), 'after a new request').toEqual(seen)
  })

  test.each(WAYS)('%s, for two who ask at the same time', async (_title, read) => {
    const secrets = open()
    const [before, other] = await Promise.all([read(secrets), read(secrets)])
    const seen = seenIn(other)
    vandalise(before)
    expect(seenIn(other)).toEqual(seen)
  })

  test('errors, with those inside them', async () => {
    const secrets = open()
    const fail = () =>
      secrets.load({ a: 'gone', b: 'db#gone' }).then(
        () => undefined,
        (error: unknown) => error,
      )
    const facts = (error: unknown) => JSON.stringify(error)
    const [before, other] = [await fail(), await fail()]
    const seen = facts(other)
    vandalise(before)
    expect(facts(other)).toBe(seen)
    expect(facts(await fail())).toBe(seen)
  })

  test('events and counts', async () => {
    const events: SecretsEvent[] = []
    const { secrets } = openScene({
      sources: sourcesOf(STOCK),
      seal,
      onEvent: (event) => {
        vandalise(event)
        events.push(event)
      },
    })
    await secrets.get('db')
    vandalise(secrets.stats())
    await secrets.get('db')
    expect(events.map(({ type }) => type)).toEqual(['miss', 'refresh', 'hit'])
    expect(secrets.stats()).toMatchObject({
      misses: 1,
      hits: 1,
      refreshes: 1,
      entries: 1,
      listenerFailures: 0,
    })
    expect(secrets.stats().requestsByOperation).toEqual(secrets.stats().requestsByOperation)
  })

  test('options and manifests that are changed after the call', async () => {
    const secrets = open()
    const options = { as: 'json' as const, schema: { type: 'object' as const, required: ['host'] } }
    const manifest = { db: { ref: 'db', as: 'json' as const } }
    const [read, load] = [secrets.get('db', options), secrets.load(manifest)]
    vandalise(options)
    vandalise(manifest)
    await expect(read).resolves.toEqual(DB)
    await expect(load).resolves.toEqual({ db: DB })
  })

  test('what the source keeps of its answer', async () => {
    const answer = {
      bytes: Buffer.from([1, 2, 3]),
      name: 'bytes',
      versionStages: ['AWSCURRENT'],
      createdAt: new Date(1),
    }
    const { secrets } = openScene({ sources: sourcesOf({ bytes: () => answer }), seal })
    const seen = seenIn(await secrets.read('bytes', { as: 'bytes' }))
    vandalise(answer)
    expect(seenIn(await secrets.read('bytes', { as: 'bytes' }))).toEqual(seen)
  })
})
