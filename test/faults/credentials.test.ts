/** Credentials that are missing, late, expired or somebody else's: within the deadline, and no longer than they are bad. */

import { describe, expect, test } from 'vitest'
import { refusal, rewritten, uncredentialled } from '../support/fault-server/faults.js'
import { NEEDLE } from '../support/needle.js'
import { POLICY, openBench } from './bench.js'
import { expectCalm } from './calm.js'

expectCalm()

const REFS = ['prod/db', 'ssm:/prod/level']

describe.each(REFS)('%s', (ref) => {
  test.each([
    ['no credentials for a moment', uncredentialled('error'), 1],
    ['an expired token', refusal('ExpiredTokenException'), 2],
    ['an expired request', refusal('RequestExpired'), 2],
    ['a clock that is wrong', refusal('RequestTimeTooSkewed'), 2],
    [
      'a signature that has expired',
      refusal('InvalidSignatureException', { message: 'Signature expired: 1 is now earlier than 2' }),
      2,
    ],
  ] as const)('%s: tried once more, and read', async (_title, fault, requests) => {
    const { server, secrets, settle, rest } = await openBench()
    server.next(fault)
    const [read] = await settle([secrets.get(ref)])
    expect(read).toMatchObject({ status: 'fulfilled', value: expect.stringContaining(NEEDLE) as unknown })
    expect([server.hits, server.count()]).toEqual([1, requests])
    await rest()
  })

  test('credentials that come after the deadline serve the next read, and nothing is sent for the first', async () => {
    const { server, secrets, clock, settle, rest, meet } = await openBench()
    meet(uncredentialled('never'), { hangs: true })
    const [late] = await settle([secrets.get(ref)])
    expect(late).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TIMEOUT', attempts: 0 } })
    expect(clock.mono).toBe(POLICY.timeoutMs)
    meet()
    await rest()
    expect(server.count()).toBe(0)
    clock.advance(POLICY.negativeTtlMs)
    const [read] = await settle([secrets.get(ref)])
    expect(read?.status).toBe('fulfilled')
    expect(server.count()).toBe(1)
  })

  test('a hundred items wait for one provider, and give up together', async () => {
    const { server, secrets, clock, settle, rest, meet } = await openBench()
    meet(uncredentialled('never'), { hangs: true })
    const calls = Array.from({ length: 100 }, (_, number) => secrets.get(`${ref}-${number}`))
    for (const read of await settle(calls))
      expect(read).toMatchObject({ status: 'rejected', reason: { code: 'ERR_TIMEOUT' } })
    expect([server.hits, clock.mono]).toEqual([1, POLICY.timeoutMs])
    await rest()
  })

  test('credentials of another account: what they read is another item, and that is told', async () => {
    const { secrets, clock, settle, events, meet } = await openBench()
    await settle([secrets.get(ref)])
    clock.advance(POLICY.ttlMs + POLICY.staleWhileRevalidateMs + 1)
    meet(rewritten((json) => json.replaceAll('123456789012', '210987654321')))
    const [read] = await settle([secrets.read(ref)])
    expect(read).toMatchObject({
      status: 'fulfilled',
      value: { stale: false, arn: expect.stringContaining('210987654321') as unknown },
    })
    expect(events.filter(({ type }) => type === 'identity-changed')).toMatchObject([{ what: 'arn' }])
  })
})
