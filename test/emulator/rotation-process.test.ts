/** A rotation that is awaited keeps the process alive until it ends; one that nobody awaits does not. */

import { expect, test } from 'vitest'
import { PROCESS_TIMEOUT_MS, run } from '../process/run.js'

const FIXTURE = new URL('../process/fixtures/emulator-rotation.ts', import.meta.url)

test.each<[string, unknown]>([
  ['retries', 'failed'],
  ['timeout', 'failed'],
  ['hangs', 'failed'],
  ['rotation', ['failed', 'failed']],
  ['nobody', 'left'],
])('a process ends with its own work: %s', { timeout: PROCESS_TIMEOUT_MS }, async (scene, expected) => {
  const ended = await run(FIXTURE, { args: [scene] })
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  expect(JSON.parse(ended.stdout)).toEqual(expected)
})
