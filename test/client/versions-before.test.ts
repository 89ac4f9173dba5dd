/** The version before is kept for one rotation only, counted, and given up where there is no room for it. */

import { describe, expect, test } from 'vitest'
import { type Item, itemOf, mergeItems, sizeOf } from '../../src/client/item.js'
import { payloadKeeper } from '../../src/client/kept-payload.js'
import { SecretsClient } from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const idOf = (version: number) => `EXAMPLE${version}-90ab-cdef-fedc-ba987EXAMPLE`
/** The same length for each version below 1000. */
const jsonOf = (version: number, filler = '') => JSON.stringify({ version: 1000 + version, filler })

function build(maxBytes = 1_000_000) {
  const clock = new ManualClock()
  const source = new FakeSource(textSecret(jsonOf(0), idOf(0)))
  const secrets = new SecretsClient({ clock, sources: [source], cache: { maxBytes } })
  /** Rotates, and has the client know of it. */
  const rotate = async (version: number, text: string) => {
    source.answer(textSecret(text, idOf(version)))
    await secrets.refresh('prod/db')
    clock.advance(60_000)
  }
  return { secrets, source, rotate }
}

describe('after many rotations', () => {
  test('an item that was decoded each time has one version before, which has none itself', async () => {
    const readOut = { decode: () => Promise.resolve({ value: {}, isShareable: true }) }
    const keeper = payloadKeeper({ seal: false })
    let item: Item = itemOf({ text: jsonOf(0), versionId: idOf(0) }, keeper)
    for (let version = 1; version <= 5; version += 1) {
      await item.decoded.outcome({ as: 'json' }, readOut.decode).outcome
      const loaded = itemOf({ text: jsonOf(version), versionId: idOf(version) }, keeper)
      item = mergeItems(item, { wall: version, monotonic: version }, loaded)
      expect(item.previous?.provenance.versionId).toBe(idOf(version - 1))
      expect(item.previous).not.toHaveProperty('previous')
    }
    expect(item.previous?.stamp).toEqual({ wall: 5, monotonic: 5 })
    expect(sizeOf(item)).toBe(2 * jsonOf(5).length)
  })

  test('the client counts the version at hand and the one before, and no other', async () => {
    const { secrets, rotate } = build()
    await secrets.get('prod/db', { as: 'json' })
    expect(secrets.stats()).toMatchObject({ entries: 1, bytes: jsonOf(0).length })
    for (let version = 1; version <= 20; version += 1) {
      await rotate(version, jsonOf(version))
      await secrets.get('prod/db', { as: 'json' })
      expect(secrets.stats()).toMatchObject({ entries: 1, bytes: 2 * jsonOf(0).length })
    }
  })
})

describe('a value of more than half of maxBytes', () => {
  const big = (version: number) => jsonOf(version, 'x'.repeat(50))
  const MAX_BYTES = 100

  test('stays cached after a rotation', async () => {
    const { secrets, source, rotate } = build(MAX_BYTES)
    source.answer(textSecret(big(0), idOf(0)))
    await secrets.get('prod/db', { as: 'json' })
    await rotate(1, big(1))
    expect(secrets.stats()).toMatchObject({ entries: 1, bytes: big(1).length, evictions: 0 })
    await expect(secrets.get('prod/db', { as: 'json' })).resolves.toMatchObject({ version: 1001 })
    expect(source.asked).toHaveLength(2)
  })

  test('has no version before, which one of less has', async () => {
    const outcomes = async (filler: string) => {
      const { secrets, source, rotate } = build(MAX_BYTES)
      source.answer(textSecret(jsonOf(0, filler), idOf(0)))
      await secrets.get('prod/db', { as: 'json' })
      await rotate(1, `no JSON ${filler}`)
      return secrets.read('prod/db', { as: 'json' })
    }
    await expect(outcomes('')).resolves.toMatchObject({ versionId: idOf(0), stale: true })
    await expect(outcomes('x'.repeat(50))).rejects.toMatchObject({ code: 'ERR_DECODE' })
  })
})
