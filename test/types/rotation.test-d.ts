/** What TypeScript says of the steps of a rotation, and of what came of them. */

import { apiKey, createRotationHandler } from 'aws-secrets-client/rotation'
import type { RotationError, StepOutcome } from 'aws-secrets-client/rotation'
import { describe, expectTypeOf, test } from 'vitest'

const setSecret = () => undefined

describe('a test of a rotation', () => {
  test('throws, and answers nothing', () => {
    createRotationHandler({ setSecret, testSecret: () => undefined })
    createRotationHandler({ setSecret, testSecret: () => Promise.resolve() })
    // @ts-expect-error: false would be taken for a success
    createRotationHandler({ setSecret, testSecret: () => Promise.resolve(false) })
    // @ts-expect-error: at once, too
    createRotationHandler({ setSecret, testSecret: () => false })
  })

  test('of a key likewise', () => {
    const provider = { createKey: () => 'k', revokeKey: () => undefined }
    apiKey({ ...provider, testKey: () => undefined })
    apiKey({ ...provider, testKey: () => Promise.resolve() })
    // @ts-expect-error: false would be taken for a success
    apiKey({ ...provider, testKey: () => Promise.resolve(false) })
    // @ts-expect-error: at once, too
    apiKey({ ...provider, testKey: () => false })
  })
})

describe('StepOutcome', () => {
  test('has an error where it has failed', () => {
    const outcome = {} as StepOutcome
    expectTypeOf(outcome.error).toEqualTypeOf<RotationError | undefined>()
    if (outcome.result === 'failed') expectTypeOf(outcome.error).toEqualTypeOf<RotationError>()
    else expectTypeOf(outcome.error).toEqualTypeOf<undefined>()
  })
})
