/** What is put together of several values is forgotten and loaded as one; a watch outlives what is forgotten. */

import { nextTick } from 'node:process'
import { describe, expect, test } from 'vitest'
import { SecretsClient, type Source, splitValue } from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { useAws } from '../support/aws.js'

const aws = useAws()

describe('a watch of a sealed client', () => {
  test.each([false, true])(
    'goes on though its value is forgotten while it looks (seal: %j)',
    async (seal) => {
      const secrets = new SecretsClient({ seal, sources: [new FakeSource(textSecret('value'))] })
      await secrets.get('prod/db')
      const watching = secrets.watch('prod/db')
      const first = await new Promise((resolve) => {
        nextTick(() => {
          resolve(watching.next())
          secrets.invalidate()
        })
      })
      expect(first).toMatchObject({ done: false, value: { value: 'value' } })
      await secrets.close()
    },
  )
})

describe('a prefetch of a manifest', () => {
  test('has not failed where what is not there has a default', async () => {
    const manifest = {
      level: { ref: 'ssm:/none', default: 'info' },
      flags: { tree: 'ssm:/none', default: {} },
    }
    const prefetched = aws().secrets.prefetch(manifest, { throwOnFailure: true })
    await expect(prefetched).resolves.toEqual({ loaded: [], failed: [] })
    await expect(aws().secrets.prefetch({ level: 'ssm:/none' })).resolves.toMatchObject({
      failed: [{ code: 'ERR_NOT_FOUND' }],
    })
  })

  test('tells what it has loaded by references that can be used again', async () => {
    const { secrets, emulator } = aws()
    const parts = splitValue('prod/ca', 'x'.repeat(3000), { maxPartBytes: 1024 })
    emulator.seed({
      secrets: Object.fromEntries(parts.map(({ name, text }) => [name, text])),
      parameters: { '/prod/app/level': 'info' },
    })
    const { loaded } = await secrets.prefetch({
      ca: { ref: 'prod/ca', parts: true },
      app: { tree: 'ssm:/prod/app' },
    })
    expect([...loaded].sort()).toEqual(['prod/ca', 'ssm:/prod/app/'])
    for (const ref of loaded) secrets.invalidate(ref)
    expect(secrets.stats().entries).toBe(0)
  })
})

describe('a tree', () => {
  test('refuses names of more levels than a parameter has, and does not run out of stack', async () => {
    const source: Source = {
      service: 'ssm',
      maxBatch: 1,
      load: () => Promise.resolve([]),
      loadPage: () =>
        Promise.resolve({ parameters: [{ name: `/a${'/b'.repeat(12_000)}`, text: 'x', isList: false }] }),
    }
    const secrets = new SecretsClient({ sources: [source], retry: { maxAttempts: 1 } })
    await expect(secrets.tree('/a')).rejects.toMatchObject({ code: 'ERR_RESPONSE_MISMATCH' })
  })

  test.each(['ssm:/prod/app/', 'ssm:/prod/app', 'ssm:/prod/app/level', 'ssm:/prod/app/level:1'])(
    'is forgotten by %s, and asked for anew by refresh',
    async (ref) => {
      const { secrets, emulator } = aws()
      emulator.seed({ parameters: { '/prod/app/level': 'info' } })
      await secrets.tree('ssm:/prod/app')
      emulator.seed({ parameters: { '/prod/app/level': 'debug' } })
      secrets.invalidate(ref)
      await expect(secrets.tree('ssm:/prod/app')).resolves.toEqual({ level: 'debug' })
      emulator.seed({ parameters: { '/prod/app/level': 'warn' } })
      await expect(secrets.refresh('ssm:/prod/app/')).resolves.toEqual({ changed: true })
      await expect(secrets.tree('ssm:/prod/app')).resolves.toEqual({ level: 'warn' })
    },
  )
})
