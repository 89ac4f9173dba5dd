/**
 * A cold start of one process against a rate limit.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { parameterRefs, seedAll, withEmulator } from '../support/emulated.js'
import type { Figure } from '../support/figure.js'
import { spread } from '../support/statistics.js'

const PARAMETERS = 300
const ROUNDS = 12
const WARM_UP_ROUNDS = 2

/** Measures 300 parameters at once against 40 requests per second with a burst of 40. */
export function throttled(): Promise<readonly Figure[]> {
  return withEmulator(async (emulator) => {
    const refs = parameterRefs('prod/throttled', PARAMETERS)
    seedAll(emulator, refs)
    const rounds: { ok: number; requests: number; wallMs: number }[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      emulator.setThrottle({ ratePerSecond: 40, burst: 40 })
      emulator.clearRequests()
      const client = new SecretsClient()
      const startedAt = performance.now()
      const outcomes = await Promise.allSettled(refs.map((ref) => client.get(ref)))
      const wallMs = performance.now() - startedAt
      const ok = outcomes.filter(({ status }) => status === 'fulfilled').length
      rounds.push({ ok, wallMs, requests: emulator.count() })
      await client.close()
    }
    const counted = rounds.slice(WARM_UP_ROUNDS)
    return [
      {
        what: `values of ${PARAMETERS}`,
        measured: spread(counted.map(({ ok }) => ok)),
        goal: `${PARAMETERS}`,
      },
      { what: 'requests', measured: spread(counted.map(({ requests }) => requests)), goal: '30' },
      { what: 'wall, ms', measured: spread(counted.map(({ wallMs }) => wallMs)) },
    ]
  })
}
