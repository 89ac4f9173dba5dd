/**
 * What a test of a user's answered.
 *
 * @module
 */

import { RotationError } from './rotation-error.js'

/**
 * Refuses `false`, by which a test that does not throw says that the secret is dead.
 *
 * @param tester - name of the function that has answered
 * @throws RotationError with the reason `refused`.
 */
export function checkAnswer(answer: unknown, tester: string): void {
  if (answer !== false) return
  throw new RotationError({
    what: `the function ${tester} answered false`,
    hint: 'Let it throw where the test fails, and return nothing.',
    reason: 'refused',
  })
}
