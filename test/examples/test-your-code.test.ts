/** Runs the example test as it is: it registers its tests here. */

import { afterAll, beforeAll } from 'vitest'
import '../../examples/test-your-code/mailer.test-example.js'

const environment = { ...process.env }

beforeAll(() => {
  // The SDK prefers a profile of the developer's machine to the emulator's credentials.
  delete process.env['AWS_PROFILE']
})
afterAll(() => {
  process.env = environment
})
