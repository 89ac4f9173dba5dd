import { describe, expect, test } from 'vitest'
import { bytesOf, listOf, textOf, utf8Of } from '../../src/decode/text.js'
import { SecretsError } from '../../src/errors.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF, utf8 } from './decode-with.js'

const thrownBy = (act: () => unknown): SecretsError => {
  try {
    act()
  } catch (error) {
    if (error instanceof SecretsError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('textOf', () => {
  test.each([
    ['plain text', 'pässwörd'],
    ['the empty text', ''],
    ['a byte order mark', '\uFEFFx'],
    ['a lone surrogate, which UTF-8 could not hold', '\uD800'],
    ['a NUL and line breaks', 'a\0b\r\n'],
    ['text that is not normalised', 'e\u0301'],
    ['64 KiB', 'x'.repeat(65_536)],
  ])('gives %s back character for character', (_title, text) => {
    expect(textOf({ text }, REF)).toBe(text)
  })

  test.each([
    ['UTF-8', utf8('pässwörd🔑'), 'pässwörd🔑'],
    ['no bytes at all', new Uint8Array(), ''],
    ['a byte order mark, which stays', new Uint8Array([0xef, 0xbb, 0xbf, 0x78]), '\uFEFFx'],
    ['a view into a larger buffer', new Uint8Array([0, 0x78, 0]).subarray(1, 2), 'x'],
  ])('reads binary that is %s', (_title, bytes, text) => {
    expect(textOf({ bytes }, REF)).toBe(text)
  })

  test.each([
    ['a byte that never occurs', [0xff]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['an overlong encoding', [0xc0, 0x80]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
  ])('refuses binary with %s and points to bytes', (_title, tail) => {
    const error = thrownBy(() => textOf({ bytes: new Uint8Array([...utf8(NEEDLE), ...tail]) }, REF))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF, retryable: false })
    expect(error.hint).toContain("{ as: 'bytes' }")
    expectNoNeedle(error, NEEDLE)
  })
})

describe('bytesOf', () => {
  test('makes text its UTF-8', () => {
    expect(bytesOf({ text: 'ü\uFEFF' }, REF)).toEqual(new Uint8Array([0xc3, 0xbc, 0xef, 0xbb, 0xbf]))
  })

  test('copies bytes, so that neither side can change the other', () => {
    const bytes = new Uint8Array([1, 2])
    const copy = bytesOf({ bytes }, REF)
    copy[0] = 9
    expect(bytes).toEqual(new Uint8Array([1, 2]))
  })

  test('gives a plain Uint8Array of its own memory where the payload is a pooled Buffer', () => {
    const copy = bytesOf({ bytes: Buffer.from('x') }, REF)
    expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype)
    expect(copy.buffer.byteLength).toBe(1)
  })
})

describe('utf8Of', () => {
  test.each(['\uD800', 'a\uDC00b', '\uDC00\uD800', `${NEEDLE}\uD83D`])(
    'refuses a lone surrogate instead of replacing it (%#)',
    (text) => {
      const error = thrownBy(() => utf8Of(text, REF))
      expect(error.code).toBe('ERR_DECODE')
      expect(error.hint).toContain("{ as: 'text' }")
      expectNoNeedle(error, NEEDLE)
    },
  )
})

describe('listOf', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a,,b,', ['a', '', 'b', '']],
    [' a , b ', [' a ', ' b ']],
    [',', ['', '']],
  ])('splits %j at commas only', (text, items) => {
    expect(listOf(text)).toEqual(items)
  })

  test('is frozen', () => {
    expect(Object.isFrozen(listOf('a,b'))).toBe(true)
    expect(Object.isFrozen(listOf(''))).toBe(true)
  })
})
