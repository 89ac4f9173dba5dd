/** What a client has handed out is masked, whenever masking begins, and costs nothing until then. */

import { describe, expect, test } from 'vitest'
import { HandedOut } from '../../src/client/handed-out.js'
import { SecretsClient } from '../../src/index.js'
import { FakeSource, deferred, textSecret } from '../support/fake-source.js'
import { NEEDLE } from '../support/needle.js'

const TEXT = `the log says ${NEEDLE}, and then ${NEEDLE}`
const MASKED = 'the log says [redacted], and then [redacted]'

describe.each([
  ['until something is masked', false],
  ['from the start', true],
])('fingerprints made %s', (_title, isEager) => {
  test('mask what was handed out before and after the first text', () => {
    const handedOut = new HandedOut({ isEager })
    expect(handedOut.scrub(TEXT)).toBe(TEXT)
    handedOut.add({ password: NEEDLE }, 10)
    expect(handedOut.scrub(TEXT)).toBe(MASKED)
  })

  test('mask bytes that their reader has overwritten since', () => {
    const handedOut = new HandedOut({ isEager })
    const bytes = new TextEncoder().encode(NEEDLE)
    handedOut.add(bytes, bytes.length)
    bytes.fill(0)
    expect(handedOut.scrub(TEXT)).toBe(MASKED)
  })

  test('mask in a stream', async () => {
    const handedOut = new HandedOut({ isEager })
    handedOut.add(NEEDLE, 10)
    const stream = handedOut.scrubStream()
    stream.end(TEXT)
    expect((await stream.toArray()).join('')).toBe(MASKED)
  })
})

describe('values that wait for the first text', () => {
  const valueOf = (position: number) => `value-${position}-of-many`

  test.each([
    ['the newest five thousand', 5002, 1, 2],
    ['those of the last MiB', 300, 4096, 44],
  ])('are %s', (_title, count, bytes, forgotten) => {
    const handedOut = new HandedOut({ isEager: false })
    for (let position = 0; position < count; position += 1) handedOut.add([valueOf(position)], bytes)
    expect(handedOut.scrub(valueOf(forgotten - 1))).toBe(valueOf(forgotten - 1))
    expect(handedOut.scrub(valueOf(forgotten))).toBe('[redacted]')
  })

  test('are each there once, and count what they are and not what they were a field of', () => {
    const handedOut = new HandedOut({ isEager: false })
    handedOut.add(NEEDLE, 10)
    for (let read = 0; read < 10_000; read += 1) handedOut.add('field-of-a-large-value', 65_536)
    expect(handedOut.scrub(TEXT)).toBe(MASKED)
  })

  test('make no room for one that would need half of it', () => {
    const handedOut = new HandedOut({ isEager: false })
    handedOut.add(NEEDLE, 10)
    handedOut.add('a large value '.repeat(100_000), 1_400_000)
    expect(handedOut.scrub(TEXT)).toBe(MASKED)
    expect(handedOut.scrub('a large value '.repeat(100_000))).toMatch(/^\[redacted\] ?$/)
  })
})

describe('a client', () => {
  const build = (options = {}) =>
    new SecretsClient({
      ...options,
      sources: [new FakeSource(textSecret(JSON.stringify({ password: NEEDLE })))],
    })

  test.each([{}, { seal: true }])('masks what it has handed out, and nothing else (%j)', async (options) => {
    const secrets = build(options)
    await secrets.prefetch(['prod/db'])
    expect(secrets.scrub(TEXT)).toBe(TEXT)
    await secrets.get('prod/db#password')
    expect(secrets.scrub(TEXT)).toBe(MASKED)
  })

  test.each([{}, { seal: true }])('still masks after it was closed (%j)', async (options) => {
    const secrets = build(options)
    await secrets.get('prod/db', { as: 'json' })
    await secrets.close()
    expect(secrets.scrub(TEXT)).toBe(MASKED)
  })

  test('remembers bytes once, however often they are read', async () => {
    const secrets = build()
    for (let read = 0; read < 2000; read += 1) await secrets.get('prod/db', { as: 'bytes' })
    await secrets.get('prod/db#password')
    for (let read = 0; read < 2000; read += 1) await secrets.get('prod/db', { as: 'bytes' })
    expect(secrets.scrub(TEXT)).toBe(MASKED)
  })

  test('masks what came for a reader who had left', async () => {
    const gate = deferred<undefined>()
    const slow = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: async (value: unknown) => {
          await gate.promise
          return { value }
        },
      },
    }
    const secrets = build()
    await secrets.get('prod/db')
    const leaving = new AbortController()
    const left = secrets.get('prod/db', { schema: slow, signal: leaving.signal })
    leaving.abort()
    await expect(left).rejects.toBe(leaving.signal.reason)
    gate.resolve(undefined)
    await expect(secrets.get('prod/db', { schema: slow })).resolves.toEqual({ password: NEEDLE })
    expect(secrets.scrub(TEXT)).toBe(MASKED)
  })

  test('masks what a schema has put into an instance of a class', async () => {
    class Config {
      readonly secret: string
      constructor(secret: string) {
        this.secret = secret
      }
    }
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => ({ value: new Config(String(Reflect.get(Object(value), 'password'))) }),
      },
    }
    const secrets = build()
    const { secret } = (await secrets.get('prod/db', { schema })) as Config
    expect(secret).toBe(NEEDLE)
    expect(secrets.scrub(TEXT)).toBe(MASKED)
  })

  test('refuses to mask anything but text', () => {
    expect(() => build().scrub(Buffer.from(NEEDLE) as unknown as string)).toThrow(TypeError)
  })
})
