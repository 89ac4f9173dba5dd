/** A listener that asks again for what was just loaded. */

import { expect, test } from 'vitest'
import { type RefreshResult, SecretsClient } from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const idOf = (version: number) => `EXAMPLE${version}-90ab-cdef-fedc-ba987EXAMPLE`

/** Each request finds another version; what the listener does with the first load is given. */
function build(inListener: (secrets: SecretsClient) => void) {
  const source: FakeSource = new FakeSource((reference, context) => {
    const version: number = source.asked.length
    return textSecret(`v${version}`, idOf(version))(reference, context)
  })
  const state = { isTold: false }
  const secrets = new SecretsClient({
    clock: new ManualClock(),
    sources: [source],
    onEvent: ({ type }) => {
      if (type !== 'refresh' || state.isTold) return
      state.isTold = true
      inListener(secrets)
    },
  })
  return { secrets, source }
}

test.each(['refresh', 'get'] as const)(
  'refresh() inside the event of a %s makes a request of its own',
  async (first) => {
    const again: Promise<RefreshResult>[] = []
    const { secrets, source } = build((client) => again.push(client.refresh('prod/db')))
    await secrets[first]('prod/db')
    await expect(Promise.all(again)).resolves.toEqual([{ changed: true, versionId: idOf(2) }])
    expect(source.asked).toHaveLength(2)
    await expect(secrets.get('prod/db')).resolves.toBe('v2')
  },
)

test('a fresh read inside the event of a load makes a request of its own', async () => {
  const again: Promise<string>[] = []
  const { secrets, source } = build((client) => again.push(client.get('prod/db', { fresh: true })))
  await expect(secrets.get('prod/db')).resolves.toBe('v1')
  await expect(Promise.all(again)).resolves.toEqual(['v2'])
  expect(source.asked).toHaveLength(2)
})
