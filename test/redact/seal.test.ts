import fc from 'fast-check'
import { createDecipheriv } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { Seal } from '../../src/redact/seal.js'
import type { Payload } from '../../src/stored-value.js'
import { NEEDLE, expectNoNeedle, textsOf } from '../support/needle.js'

const NONCE_BYTES = 12
const OVERHEAD_BYTES = NONCE_BYTES + 16

/** Any string of UTF-16 units, lone surrogates among them. */
const anyText = () =>
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((u) => String.fromCharCode(u)) })
const anyBytes = () => fc.uint8Array({ maxLength: 200 })
const anyPayload = (): fc.Arbitrary<Payload> =>
  fc.oneof(
    anyText().map((text) => ({ text })),
    fc.string({ unit: 'binary' }).map((text) => ({ text })),
    anyBytes().map((bytes) => ({ bytes })),
  )

/** What is allocated outside the heap from now on: keys, plaintext on its way, and what is sealed. */
function allocations(): () => readonly Buffer[] {
  const spy = vi.spyOn(Buffer, 'allocUnsafeSlow')
  onTestFinished(() => {
    spy.mockRestore()
  })
  const { length } = spy.mock.results
  return () => spy.mock.results.slice(length).map(({ value }) => Buffer.from(bytesIn(value)))
}

/** A view, not a copy. */
function bytesIn(value: unknown): ArrayBufferLike {
  if (!(value instanceof Uint8Array) || value.byteLength !== value.buffer.byteLength) {
    throw new Error('it shares its memory with others')
  }
  return value.buffer
}

/** What is decrypted from now on: the buffers, with a copy of what they were then. */
function decryptions(): readonly { readonly now: Buffer; readonly then: Buffer }[] {
  const outputs: { now: Buffer; then: Buffer }[] = []
  const one = createDecipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(NONCE_BYTES))
  const prototype = Reflect.getPrototypeOf(one) ?? one
  const update: unknown = Reflect.get(prototype, 'update')
  if (typeof update !== 'function') throw new Error('there is no update')
  Reflect.set(prototype, 'update', function (this: unknown, ...given: unknown[]) {
    const output: unknown = Reflect.apply(update, this, given)
    const now = Buffer.from(bytesIn(output))
    outputs.push({ now, then: Buffer.copyBytesFrom(now) })
    return output
  })
  onTestFinished(() => {
    Reflect.set(prototype, 'update', update)
  })
  return outputs
}

/** A seal with its keys, and a function that seals and hands out what is kept in memory of it. */
function openedUp() {
  const allocated = allocations()
  const seal = new Seal()
  const keys = allocated()
  const boxed = (payload: Payload) => {
    const before = allocations()
    const sealed = seal.seal(payload)
    const box = before().at(-1)
    if (box === undefined) throw new Error('nothing was allocated')
    return { sealed, box }
  }
  return { seal, keys, boxed }
}

function failure(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const ENCODINGS = ['utf8', 'utf16le'] as const
const holdsNeedle = (buffer: Buffer) => ENCODINGS.some((encoding) => buffer.includes(NEEDLE, 0, encoding))
const isZero = (buffer: Uint8Array) => buffer.every((byte) => byte === 0)

describe('what was sealed comes back exactly', () => {
  test('any text and any bytes', () => {
    const seal = new Seal()
    fc.assert(
      fc.property(anyPayload(), (payload) => {
        expect(seal.seal(payload).open()).toEqual(payload)
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['the empty text', ''],
    ['a lone high surrogate', '\ud83d'],
    ['a lone low surrogate between letters', 'a\udc00b'],
    ['surrogates in the wrong order', '\udc00\ud800'],
    ['a byte order mark', '\ufeffa'],
    ['two byte order marks and a lone surrogate', '\ufeff\ufeff\ud800'],
    ['a swapped byte order mark and a lone surrogate', '\ufffe\ud800'],
    ['NUL', '\0a\0'],
    ['a pair', '😀'],
    ['a replacement character', '\ufffd'],
    ['1 MiB', 'é€😀x'.repeat(104_858)],
    ['1 MiB with a lone surrogate', 'é€😀x\ud800'.repeat(80_000)],
  ])('%s', (_title, text) => {
    expect(new Seal().seal({ text }).open()).toEqual({ text })
  })

  test.each([
    ['no bytes', new Uint8Array()],
    ['bytes that are no UTF-8', Uint8Array.of(0xff, 0xfe, 0, 0x80)],
    ['1 MiB', new Uint8Array(1_048_576).fill(0xa5)],
  ])('%s', (_title, bytes) => {
    const opened = new Seal().seal({ bytes }).open()
    expect(Object.keys(opened)).toEqual(['bytes'])
    expect(Buffer.compare(opened.bytes ?? Buffer.of(1), bytes)).toBe(0)
  })

  test('a part of a larger buffer', () => {
    const bytes = Buffer.from('before|value|after').subarray(7, 12)
    expect(new Seal().seal({ bytes }).open()).toEqual({ bytes: Uint8Array.from(Buffer.from('value')) })
  })

  test('bytes belong to who opens them', () => {
    const given = Uint8Array.of(1, 2, 3)
    const sealed = new Seal().seal({ bytes: given })
    given.fill(9)
    const { bytes } = sealed.open()
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect(bytes?.buffer.byteLength).toBe(3)
    bytes?.fill(0)
    expect(sealed.open().bytes).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('its size is that in UTF-8', () => {
    const seal = new Seal()
    fc.assert(
      fc.property(anyPayload(), (payload) => {
        const size = payload.bytes?.byteLength ?? new TextEncoder().encode(payload.text).byteLength
        expect(seal.seal(payload).byteLength()).toBe(size)
      }),
    )
  })
})

describe('whether two are the same', () => {
  test('is whether they are the same text or the same bytes', () => {
    const seal = new Seal()
    fc.assert(
      fc.property(anyPayload(), anyPayload(), (a, b) => {
        const isSame =
          a.bytes === undefined || b.bytes === undefined
            ? a.text === b.text
            : Buffer.compare(a.bytes, b.bytes) === 0
        expect(seal.seal(a).isSame(seal.seal(b))).toBe(isSame)
        expect(seal.seal(a).isSame(seal.seal(a))).toBe(true)
      }),
    )
  })

  test.each<[string, Payload, Payload]>([
    ['text and its bytes', { text: 'a' }, { bytes: Buffer.from('a') }],
    ['no text and no bytes', { text: '' }, { bytes: new Uint8Array() }],
    ['two lone surrogates', { text: '\ud800' }, { text: '\ud801' }],
    ['a lone surrogate and what replaces it', { text: '\ud800' }, { text: '\ufffd' }],
    ['a lone surrogate and its bytes', { text: '\ud800' }, { bytes: Uint8Array.of(0x00, 0xd8) }],
    [
      'two texts of which one in UTF-16 is the other in UTF-8',
      { text: '\ud800\u0080' },
      { text: '\0\u0600\0' },
    ],
  ])('%s are not', (_title, a, b) => {
    const seal = new Seal()
    expect(seal.seal(a).isSame(seal.seal(b))).toBe(false)
  })

  test('is told without opening them: when wiped, and when the seal is destroyed', () => {
    const decrypted = decryptions()
    const seal = new Seal()
    const [a, again, b] = [seal.seal({ text: 'a' }), seal.seal({ text: 'a' }), seal.seal({ text: 'b' })]
    a.wipe()
    expect([a.isSame(again), again.isSame(a), a.isSame(b)]).toEqual([true, true, false])
    seal.destroy()
    expect([a.isSame(again), again.isSame(b)]).toEqual([true, false])
    expect(decrypted).toEqual([])
    again.wipe()
    expect(a.isSame(again)).toBe(true)
  })
})

describe('nothing shows', () => {
  test.each<[string, Payload]>([
    ['text', { text: NEEDLE }],
    ['text with a lone surrogate', { text: `${NEEDLE}\ud800` }],
    ['bytes', { bytes: Buffer.from(NEEDLE) }],
  ])('of %s, wherever it is printed, cloned or serialised', (_title, payload) => {
    const { sealed, box } = openedUp().boxed(payload)
    expectNoNeedle([sealed], NEEDLE)
    expect(holdsNeedle(box)).toBe(false)
    expect(Reflect.ownKeys(sealed)).toEqual([])
    const [inspected, , json] = textsOf(sealed)
    expect(json).toBe('{}')
    expect(inspected).not.toContain(String(sealed.byteLength()))
    expect(inspected).not.toMatch(/buffer|uint8|key/i)
  })

  test('of its size: two sizes look the same', () => {
    const seal = new Seal()
    expect(textsOf(seal.seal({ text: 'x'.repeat(77_777) }))).toEqual(textsOf(seal.seal({ text: '' })))
  })

  test('of the seal with its keys', () => {
    const { seal, keys } = openedUp()
    const shown = textsOf([seal]).join('\n')
    for (const key of keys) {
      expect(shown).not.toContain(key.toString('hex'))
      expect(shown).not.toContain(key.toString('latin1'))
    }
    expect(Reflect.ownKeys(seal)).toEqual([])
  })
})

describe('no plaintext stays', () => {
  test.each<[string, BufferEncoding]>([
    [NEEDLE, 'utf8'],
    [`${NEEDLE}\ud800`, 'utf16le'],
  ])('of %j in any buffer that was used', (text, encoding) => {
    const [allocated, decrypted] = [allocations(), decryptions()]
    const sealed = new Seal().seal({ text })
    const intermediate = allocated().at(-2)
    expect(intermediate).toHaveLength(Buffer.byteLength(text, encoding))
    expect(intermediate?.every((byte) => byte === 0)).toBe(true)
    expect(sealed.open()).toEqual({ text })
    expect(decrypted.map(({ then }) => then.toString(encoding))).toEqual([text])
    expect(decrypted.map(({ then }) => holdsNeedle(then))).toEqual([true])
    expect(decrypted.every(({ now }) => isZero(now))).toBe(true)
    expect(allocated().some(holdsNeedle)).toBe(false)
  })

  test('of what was altered, which is decrypted before that is known', () => {
    const decrypted = decryptions()
    const { sealed, box } = openedUp().boxed({ bytes: Buffer.from(NEEDLE) })
    box.writeUInt8(box.readUInt8(box.length - 1) ^ 1, box.length - 1)
    expect(failure(() => sealed.open())).toMatchObject({ code: 'ERR_DECODE' })
    expect(decrypted[0]?.then.toString()).toBe(NEEDLE)
    expect(decrypted.every(({ now }) => isZero(now))).toBe(true)
  })

  test('in the pool that small buffers share', () => {
    const seal = new Seal()
    const pool = () => Buffer.from(Buffer.allocUnsafe(1).buffer)
    // A pool of its own: the rest of the one before is skipped.
    for (let used = 0; used < Buffer.poolSize; used += 1024) Buffer.allocUnsafe(1024)
    const before = pool()
    for (let time = 0; time < 20; time += 1) seal.seal({ text: NEEDLE }).open()
    expect([before, pool()].some((bytes) => bytes.includes(NEEDLE))).toBe(false)
    Buffer.from(NEEDLE)
    expect(pool().includes(NEEDLE)).toBe(true)
  })

  test('where the bytes are the caller’s they are left as they are', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    new Seal().seal({ bytes })
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('what was wiped', () => {
  test('is zeroed and cannot be opened; once more does nothing', () => {
    const { boxed } = openedUp()
    const { sealed, box } = boxed({ text: NEEDLE })
    expect(isZero(box)).toBe(false)
    expect(sealed.isWiped()).toBe(false)
    sealed.wipe()
    sealed.wipe()
    expect(sealed.isWiped()).toBe(true)
    expect(box).toHaveLength(Buffer.byteLength(NEEDLE) + OVERHEAD_BYTES)
    expect(isZero(box)).toBe(true)
    const error = failure(() => sealed.open())
    expect(isSecretsError(error, 'ERR_UNAVAILABLE')).toBe(true)
    expect(sealed.byteLength()).toBe(Buffer.byteLength(NEEDLE))
  })

  test('leaves the others alone', () => {
    const seal = new Seal()
    const [a, b] = [seal.seal({ text: 'a' }), seal.seal({ text: 'a' })]
    a.wipe()
    expect(b.open()).toEqual({ text: 'a' })
  })
})

describe('a seal that is destroyed', () => {
  test('has zeroed its keys, opens nothing and seals nothing; once more does nothing', () => {
    const { seal, keys, boxed } = openedUp()
    const { sealed } = boxed({ text: NEEDLE })
    expect(keys.map(({ length }) => length)).toEqual([32, 32])
    expect(keys.some(isZero)).toBe(false)
    seal.destroy()
    seal.destroy()
    expect(keys.every(isZero)).toBe(true)
    const errors = [
      failure(() => sealed.open()),
      failure(() => seal.seal({ text: NEEDLE })),
      failure(() => seal.seal({ bytes: Buffer.from(NEEDLE) })),
    ]
    for (const error of errors) {
      expect(isSecretsError(error, 'ERR_CLOSED')).toBe(true)
      expectNoNeedle(error, NEEDLE)
    }
    expect(sealed.isWiped()).toBe(false)
  })

  test('has left no plaintext of what it refused', () => {
    const { seal, boxed } = openedUp()
    boxed({ text: 'a' })
    seal.destroy()
    const refused = allocations()
    failure(() => seal.seal({ text: NEEDLE }))
    expect(refused().map(({ length }) => length)).toEqual([Buffer.byteLength(NEEDLE)])
    expect(refused().every(isZero)).toBe(true)
  })
})

describe('what was altered in memory', () => {
  test('is refused, whichever bit it is, with an error of our own', () => {
    const opened = openedUp()
    fc.assert(
      fc.property(anyPayload(), fc.nat(), (payload, chosen) => {
        const { sealed, box } = opened.boxed(payload)
        const bit = chosen % (box.length * 8)
        box.writeUInt8(box.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        const error = failure(() => sealed.open())
        expect(error).toMatchObject({
          code: 'ERR_DECODE',
          what: 'the sealed value was altered in memory',
          retryable: false,
        })
        expect(error).not.toHaveProperty('cause')
      }),
    )
  })

  test.each<[string, Payload, Payload]>([
    ['bytes with text', { bytes: Buffer.from('12') }, { text: '12' }],
    ['text with bytes', { text: '12' }, { bytes: Buffer.from('12') }],
    ['text with text of another encoding', { text: '12' }, { text: '\ud800' }],
  ])('is refused where it was exchanged: %s', (_title, a, b) => {
    const { boxed: box } = openedUp()
    const [one, other] = [box(a), box(b)]
    expect(one.box.length).toBe(other.box.length)
    one.box.set(other.box)
    expect(failure(() => one.sealed.open())).toMatchObject({ code: 'ERR_DECODE' })
  })
})

describe('two seals have nothing in common', () => {
  test('neither keys nor digests, and neither opens what the other sealed', () => {
    const [a, b] = [openedUp(), openedUp()]
    expect(new Set([...a.keys, ...b.keys].map((key) => key.toString('hex'))).size).toBe(4)
    const [one, other] = [a.boxed({ text: 'same' }), b.boxed({ text: 'same' })]
    expect(one.sealed.isSame(other.sealed)).toBe(false)
    one.box.set(other.box)
    expect(failure(() => one.sealed.open())).toMatchObject({ code: 'ERR_DECODE' })
    a.seal.destroy()
    expect(other.sealed.open()).toEqual({ text: 'same' })
  })
})

test('no nonce comes twice, and the same text never looks the same', () => {
  const { boxed } = openedUp()
  const boxes = Array.from({ length: 5000 }, () => boxed({ text: 'same text' }).box)
  expect(new Set(boxes.map((box) => box.toString('hex', 0, NONCE_BYTES))).size).toBe(5000)
  expect(new Set(boxes.map((box) => box.toString('hex', NONCE_BYTES))).size).toBe(5000)
})
