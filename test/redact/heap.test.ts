/** A heap snapshot, such as one taken in production to find a leak, holds no value that a scrubber knows. */

import { expect, test } from 'vitest'
import { PROCESS_TIMEOUT_MS, run } from '../process/run.js'

test('no value is left in the heap', { timeout: PROCESS_TIMEOUT_MS }, async () => {
  const { code, stdout, stderr } = await run(new URL('./fixtures/heap.ts', import.meta.url))
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const length = 'is [redacted], [redacted] and [redacted], {"text":"[redacted]"}'.length
  expect(JSON.parse(stdout)).toEqual({ found: [true, false, false, false], held: 1, length })
})
