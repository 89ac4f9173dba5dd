/** The bench itself: a call that does not settle by its deadline is not waited for, it is a failure. */

import { expect, test } from 'vitest'
import { neverAnswers } from '../support/fault-server/faults.js'
import { POLICY, openBench } from './bench.js'

test('a call that is open after its deadline fails the test (I22)', async () => {
  const bench = await openBench()
  const late = bench.clock.sleep(POLICY.timeoutMs + 1_000)
  bench.meet(neverAnswers, { hangs: true })
  const read = bench.secrets.get('prod/db')
  await expect(bench.settle<unknown>([read, late])).rejects.toThrow('(I22)')
  await expect(read).rejects.toThrow('no answer')
})

test('no time passes where the network is all that is waited for', async () => {
  const bench = await openBench()
  await bench.settle(['prod/db', 'ssm:/prod/level'].map((ref) => bench.secrets.get(ref)))
  await bench.rest()
  expect(bench.clock.mono).toBe(0)
})
