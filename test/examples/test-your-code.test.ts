/** Runs the example tests as they are: what vitest runs registers its tests here. tools/run-guides.js has jest, and the build. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import '../../examples/test-your-code/mailer.test-example.js'
import '../../examples/test-your-code/vitest/payments.test.js'
import { exampleAt } from './stage.js'

const environment = { ...process.env }

beforeAll(() => {
  // The SDK prefers a profile of the developer's machine to the emulator's credentials.
  delete process.env['AWS_PROFILE']
})
afterAll(() => {
  process.env = environment
})

test('node:test passes', async () => {
  const file = exampleAt('test-your-code/node-test/payments.test.ts')
  const argv = ['--import', 'tsx', '--test', '--test-reporter=tap', file]
  // It would take itself for a test of the runner that runs this.
  const { NODE_TEST_CONTEXT: _, ...env } = environment
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env })
  expect(stdout).toMatch(/^# pass 4$/m)
  expect(stdout).toMatch(/^# fail 0$/m)
}, 30_000)
