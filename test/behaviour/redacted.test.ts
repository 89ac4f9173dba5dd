/** What is asked for in a box shows itself to nobody until it is revealed, whichever way it was read. */

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Redacted } from '../../src/index.js'
import { failureOf, useAws } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const aws = useAws()

const JSON_NEEDLE = JSON.stringify({ password: NEEDLE })

describe('a value in a box', () => {
  test('is got, as every kind', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE, json: JSON_NEEDLE } })
    const text = await secrets.get('text', { redacted: true })
    const json = await secrets.get('json', { redacted: true, as: 'json' })
    const bytes = await secrets.get('text', { redacted: true, as: 'bytes' })
    const list = await secrets.get('text', { redacted: true, as: 'list' })
    const field = await secrets.get('json#password', { redacted: true })
    const zod = await secrets.get('json', { redacted: true, schema: z.object({ password: z.string() }) })
    for (const box of [text, json, bytes, list, field, zod]) {
      expect(box).toBeInstanceOf(Redacted)
      expectNoNeedle(box, NEEDLE)
    }
    expect([text.reveal(), json.reveal(), list.reveal(), field.reveal(), zod.reveal().password]).toEqual([
      NEEDLE,
      { password: NEEDLE },
      [NEEDLE],
      NEEDLE,
      NEEDLE,
    ])
    expect(Buffer.from(bytes.reveal()).toString()).toBe(NEEDLE)
    expect(Object.isFrozen(json.reveal())).toBe(true)
  })

  test('is read, with its provenance', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE } })
    const read = await secrets.read('text', { redacted: true })
    expect(read.value).toBeInstanceOf(Redacted)
    expect(read.value.reveal()).toBe(NEEDLE)
    expect(read).toMatchObject({ ref: 'text', stale: false, isDefault: false, name: 'text' })
    expectNoNeedle(read, NEEDLE)
  })

  test('is a tree', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/t/a/b': { type: 'SecureString', value: NEEDLE } } })
    const nested = await secrets.tree('/t', { redacted: true })
    const flat = await secrets.tree('/t', { redacted: true, flat: true })
    expect([nested.reveal(), flat.reveal()]).toEqual([{ a: { b: NEEDLE } }, { 'a/b': NEEDLE }])
    expectNoNeedle([nested, flat], NEEDLE)
  })

  test('is watched, each version', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE } })
    const watch = secrets.watch('text', { redacted: true })
    const first = await watch.next()
    if (first.done === true) throw new Error('the watch ended')
    expect(first.value.value.reveal()).toBe(NEEDLE)
    expectNoNeedle(first, NEEDLE)
    emulator.seed({ secrets: { text: `${NEEDLE} again` } })
    const next = watch.next()
    await secrets.refresh('text')
    const second = await next
    if (second.done === true) throw new Error('the watch ended')
    expect(second.value.value).toBeInstanceOf(Redacted)
    expect(second.value.value.reveal()).toBe(`${NEEDLE} again`)
    await watch.return()
  })

  test('is the default, too, of get, read, tree and load', async () => {
    const { secrets } = aws()
    const options = { redacted: true, default: NEEDLE } as const
    const got = await secrets.get('none', options)
    const read = await secrets.read('none', options)
    const tree = await secrets.tree('/none', options)
    const { a } = await secrets.load({ a: { ref: 'none', ...options } })
    for (const box of [got, read.value, tree, a]) {
      expect(box).toBeInstanceOf(Redacted)
      expect(box.reveal()).toBe(NEEDLE)
      expectNoNeedle(box, NEEDLE)
    }
    expect(read.isDefault).toBe(true)
    const nothing = await secrets.get('none', { redacted: true, default: undefined })
    expect(nothing.reveal()).toBeUndefined()
  })

  test('that is served stale is in a box', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { text: NEEDLE } })
    await secrets.get('text')
    clock.advance(400_000)
    emulator.fail('*', { error: 'InternalServiceError' })
    const read = await secrets.read('text', { redacted: true })
    expect([read.stale, read.value.reveal()]).toEqual([true, NEEDLE])
    expectNoNeedle(read, NEEDLE)
  })
})

describe('beside reads without a box', () => {
  test('both share the cache, the request and the value; neither sees what the other asked for', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { json: JSON_NEEDLE } })
    const [open, box] = await Promise.all([
      secrets.get('json', { as: 'json' }),
      secrets.get('json', { as: 'json', redacted: true }),
    ])
    expect(calls()).toBe(1)
    expect(open).toEqual({ password: NEEDLE })
    expect(box.reveal()).toBe(open)
    expect(await secrets.get('json', { as: 'json' })).toBe(open)
    expect(await secrets.get('json', { as: 'json', redacted: false })).toBe(open)
    const again = await secrets.get('json', { as: 'json', redacted: true })
    expect(again).toBeInstanceOf(Redacted)
    expect(again.reveal()).toBe(open)
    expect(calls()).toBe(0)
  })

  test('a hit without a box is one and the same promise, as before', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE } })
    await secrets.get('text', { redacted: true })
    const hits = [secrets.get('text'), secrets.get('text'), secrets.get('text', { redacted: false })]
    expect(new Set(hits).size).toBe(1)
    await expect(hits[0]).resolves.toBe(NEEDLE)
  })

  test('a hit in a box counts as a hit', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE } })
    await secrets.get('text', { redacted: true })
    await secrets.get('text', { redacted: true })
    expect(secrets.stats()).toMatchObject({ hits: 1, misses: 1 })
  })

  test('what was revealed or not is masked by scrub', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE } })
    await secrets.get('text', { redacted: true })
    expect(secrets.scrub(`is ${NEEDLE}`)).toBe('is [redacted]')
  })
})

test('failures are errors, not boxes', async () => {
  const { emulator, secrets } = aws()
  emulator.seed({ secrets: { text: NEEDLE } })
  const error = await failureOf(secrets.get('text', { redacted: true, as: 'json' }))
  expect(error).toMatchObject({ code: 'ERR_DECODE' })
  expectNoNeedle(error, NEEDLE)
})

test.each([[null], [1], ['true'], [NEEDLE], [{}]])('redacted is a boolean, not %j', async (redacted) => {
  const { secrets, calls } = aws()
  const options = { redacted } as unknown as { redacted: boolean }
  for (const read of [
    secrets.get('text', options),
    secrets.read('text', options),
    secrets.tree('/t', options),
    secrets.load({ a: 'text' }, options),
    secrets.watch('text', options).next(),
  ]) {
    const error = await failureOf(read)
    expect(String(error)).toMatch(/^TypeError: redacted: expected a boolean, got /)
    expectNoNeedle(error, NEEDLE)
  }
  expect(calls()).toBe(0)
})
