/** Payloads as the cache keeps them: as they are, or sealed until they are read. */

import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { type KeptPayload, type PayloadKeeper, payloadKeeper } from '../../src/client/kept-payload.js'
import type { Payload } from '../../src/stored-value.js'
import { thrownBy } from '../reference/refused.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const tick = async () => {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}
const holder = (payload: KeptPayload, previous?: KeptPayload) => ({
  payload,
  previous: previous && { payload: previous },
})
const bytes = (...values: number[]) => Uint8Array.from(values)

function isWiped(kept: KeptPayload): boolean {
  try {
    kept.open()
    return false
  } catch (error) {
    if (!isSecretsError(error, 'ERR_UNAVAILABLE')) throw error
    return true
  }
}

/** What the cache tells of its values. */
const told = ({ holding: { onHeld, onReleased } }: PayloadKeeper) => ({
  hold: (payload: KeptPayload, previous?: KeptPayload) => onHeld?.(holder(payload, previous)),
  release: (payload: KeptPayload, previous?: KeptPayload) => onReleased?.(holder(payload, previous)),
})

describe.each([false, true])('where it is sealed or not: %j', (seal) => {
  test('what was kept is opened, as often as anybody likes', async () => {
    const keeper = payloadKeeper({ seal })
    expect(keeper.isSealing).toBe(seal)
    for (const payload of [
      { text: '' },
      { text: 'é€😀\ud800' },
      { bytes: bytes() },
      { bytes: bytes(0, 255) },
    ]) {
      const expected = structuredClone(payload)
      const kept = keeper.keep(payload)
      expect([kept.open(), kept.open()]).toEqual([expected, expected])
      await expect(kept.use((opened) => Promise.resolve(structuredClone(opened)))).resolves.toEqual(expected)
    }
  })

  test('its size is that in UTF-8', () => {
    const keeper = payloadKeeper({ seal })
    const sizes = [{ text: 'é€😀' }, { text: '' }, { bytes: bytes(1, 2, 3) }].map(
      (payload) => keeper.keep(payload as Payload).byteLength,
    )
    expect(sizes).toEqual([9, 0, 3])
  })

  test.each<[string, () => Payload, () => Payload, boolean]>([
    ['the same text', () => ({ text: 'a' }), () => ({ text: 'a' }), true],
    ['another text', () => ({ text: 'a' }), () => ({ text: 'b' }), false],
    ['the same bytes', () => ({ bytes: bytes(1, 2) }), () => ({ bytes: bytes(1, 2) }), true],
    ['other bytes', () => ({ bytes: bytes(1, 2) }), () => ({ bytes: bytes(1, 3) }), false],
    ['text and the bytes of it', () => ({ text: 'a' }), () => ({ bytes: bytes(0x61) }), false],
    ['no text and no bytes', () => ({ text: '' }), () => ({ bytes: bytes() }), false],
  ])('%s', (_title, one, other, isSame) => {
    const keeper = payloadKeeper({ seal })
    expect(keeper.keep(one()).isSame(keeper.keep(other()))).toBe(isSame)
    expect(keeper.keep(other()).isSame(keeper.keep(one()))).toBe(isSame)
  })

  test('a failure of the work is handed on', async () => {
    const reason = new Error('no')
    const kept = payloadKeeper({ seal }).keep({ text: 'a' })
    await expect(kept.use(() => Promise.reject(reason))).rejects.toBe(reason)
    expect(kept.open()).toEqual({ text: 'a' })
  })
})

describe('where nothing is sealed', () => {
  test('nothing follows from what the cache holds, from wipe() or destroy()', async () => {
    const keeper = payloadKeeper({ seal: false })
    const kept = keeper.keep({ text: 'a' })
    expect(keeper.holding).toEqual({})
    kept.wipe()
    keeper.destroy()
    await tick()
    expect(kept.open()).toEqual({ text: 'a' })
  })

  test('the bytes are those that were given', () => {
    const payload = { bytes: bytes(1, 2) }
    expect(payloadKeeper({ seal: false }).keep(payload).open().bytes).toBe(payload.bytes)
  })
})

describe('where payloads are sealed', () => {
  test('nothing shows one', () => {
    const keeper = payloadKeeper({ seal: true })
    expectNoNeedle(keeper.keep({ text: NEEDLE }), NEEDLE)
    expectNoNeedle(keeper.keep({ bytes: Buffer.from(NEEDLE) }), NEEDLE)
    expectNoNeedle(keeper, NEEDLE)
  })

  test('the bytes that were given stay what they are, since another load may share them', () => {
    const keeper = payloadKeeper({ seal: true })
    const given = { bytes: bytes(1, 2, 3) }
    const [one, other] = [keeper.keep(given), keeper.keep(given)]
    expect(given.bytes).toEqual(bytes(1, 2, 3))
    expect([one.open(), other.open()]).toEqual([given, given])
  })

  test.each(['resolves', 'rejects'])('the bytes that work was lent are zeroed when it %s', async (how) => {
    const kept = payloadKeeper({ seal: true }).keep({ bytes: bytes(1, 2, 3) })
    const lent: Uint8Array[] = []
    const outcome = kept.use(async (payload) => {
      lent.push(payload.bytes ?? bytes())
      await tick()
      expect(lent[0]).toEqual(bytes(1, 2, 3))
      if (how === 'rejects') throw new Error('no')
    })
    await outcome.catch(() => undefined)
    expect(lent).toEqual([bytes(0, 0, 0)])
    expect(kept.open()).toEqual({ bytes: bytes(1, 2, 3) })
  })

  test('one that the cache lets go of is wiped, but not before its readers have opened it', async () => {
    const keeper = payloadKeeper({ seal: true })
    const { hold, release } = told(keeper)
    const kept = keeper.keep({ text: 'a' })
    hold(kept)
    release(kept)
    await Promise.resolve()
    expect(kept.open()).toEqual({ text: 'a' })
    await tick()
    expect(isWiped(kept)).toBe(true)
  })

  test('one that is held again in the meantime is not', async () => {
    const keeper = payloadKeeper({ seal: true })
    const { hold, release } = told(keeper)
    const kept = keeper.keep({ text: 'a' })
    hold(kept)
    release(kept)
    hold(kept)
    await tick()
    expect(isWiped(kept)).toBe(false)
    release(kept)
    await tick()
    expect(isWiped(kept)).toBe(true)
  })

  test('one that is held in two places is wiped with the last of them', async () => {
    const keeper = payloadKeeper({ seal: true })
    const { hold, release } = told(keeper)
    const [current, before] = [keeper.keep({ text: 'b' }), keeper.keep({ text: 'a' })]
    hold(before)
    hold(current, before)
    release(before)
    await tick()
    expect([isWiped(current), isWiped(before)]).toEqual([false, false])
    release(current, before)
    await tick()
    expect([isWiped(current), isWiped(before)]).toEqual([true, true])
  })

  test('one that the cache never held is left to its reader', async () => {
    const keeper = payloadKeeper({ seal: true })
    const { hold, release } = told(keeper)
    const [never, held] = [keeper.keep({ text: 'a' }), keeper.keep({ text: 'a' })]
    hold(held)
    release(held)
    await tick()
    expect([isWiped(never), isWiped(held)]).toEqual([false, true])
  })

  test('none can be opened, and nothing kept, once it is destroyed; that may be said twice', () => {
    const keeper = payloadKeeper({ seal: true })
    const kept = keeper.keep({ text: NEEDLE })
    keeper.destroy()
    keeper.destroy()
    for (const error of [thrownBy(() => kept.open()), thrownBy(() => keeper.keep({ text: NEEDLE }))]) {
      expect(isSecretsError(error, 'ERR_CLOSED')).toBe(true)
      expectNoNeedle(error, NEEDLE)
    }
    expect(kept.byteLength).toBe(Buffer.byteLength(NEEDLE))
  })

  test('those of two clients are never the same', () => {
    const [one, other] = [payloadKeeper({ seal: true }), payloadKeeper({ seal: true })]
    expect(one.keep({ text: 'a' }).isSame(other.keep({ text: 'a' }))).toBe(false)
    expect(one.keep({ text: 'a' }).isSame(payloadKeeper({ seal: false }).keep({ text: 'a' }))).toBe(false)
  })
})
