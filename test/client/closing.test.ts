/** A listener that closes the client in the middle of a read: nothing is asked for or kept after it. */

import { describe, expect, test } from 'vitest'
import { SecretsClient, type SecretsEvent } from '../../src/index.js'
import { outcomeOf } from '../support/aws.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const TTL = 300_000
const turn = () => new Promise(setImmediate)

/** A client that has read a secret, and that the next event of one type closes. */
async function closingAt(type: SecretsEvent['type']) {
  const clock = new ManualClock()
  const source = new FakeSource(textSecret('s'))
  const state: { isArmed: boolean; askedAtClose: number | undefined } = {
    isArmed: false,
    askedAtClose: undefined,
  }
  const secrets = new SecretsClient({
    clock,
    sources: [source],
    onEvent: (event) => {
      if (!state.isArmed || event.type !== type) return
      state.askedAtClose ??= source.asked.length
      void secrets.close()
    },
  })
  await secrets.get('prod/db')
  state.isArmed = true
  const expectOver = async () => {
    for (let turns = 0; turns < 10; turns += 1) await turn()
    expect(source.asked).toHaveLength(state.askedAtClose ?? -1)
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
    expect(source.isClosed).toBe(true)
    expect(clock.sleeping).toBe(0)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  }
  return { secrets, source, clock, expectOver }
}

describe('close() inside onEvent', () => {
  test('for a miss: the read rejects, and its request is never made', async () => {
    const { secrets, source, expectOver } = await closingAt('miss')
    await expect(outcomeOf(secrets.get('prod/other'))).resolves.toBe('ERR_CLOSED')
    expect(source.asked).toHaveLength(1)
    await expectOver()
  })

  test('for a miss of several reads at once: each rejects', async () => {
    const { secrets, source, expectOver } = await closingAt('miss')
    const reads = ['a', 'b', 'c'].map((ref) => outcomeOf(secrets.get(ref)))
    await expect(Promise.all(reads)).resolves.toEqual(['ERR_CLOSED', 'ERR_CLOSED', 'ERR_CLOSED'])
    expect(source.asked).toHaveLength(1)
    await expectOver()
  })

  test('for a stale value: it is answered, and not loaded anew', async () => {
    const { secrets, source, clock, expectOver } = await closingAt('stale')
    clock.advance(TTL + 1)
    await expect(secrets.get('prod/db')).resolves.toBe('s')
    await turn()
    expect(source.asked).toHaveLength(1)
    await expectOver()
  })

  test('for a hit: it is answered', async () => {
    const { secrets, source, expectOver } = await closingAt('hit')
    await expect(secrets.get('prod/db')).resolves.toBe('s')
    expect(source.asked).toHaveLength(1)
    await expectOver()
  })

  test('for the load of a read: it rejects, and nothing is kept', async () => {
    const { secrets, source, expectOver } = await closingAt('refresh')
    await expect(outcomeOf(secrets.get('prod/other'))).resolves.toBe('ERR_CLOSED')
    expect(source.asked).toHaveLength(2)
    await expectOver()
  })

  test('for a refresh: it rejects, and nothing is kept', async () => {
    const { secrets, source, expectOver } = await closingAt('refresh')
    await expect(outcomeOf(secrets.refresh('prod/db'))).resolves.toBe('ERR_CLOSED')
    expect(source.asked).toHaveLength(2)
    await expectOver()
  })
})
