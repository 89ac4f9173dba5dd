/**
 * Runs work with a version once, and judges how it ended.
 *
 * @module
 */

import { hasMethods, typeName } from '../../options/checks.js'
import { type Trial, UNKNOWN } from './trial.js'

/** How work ended, where that is the end of it or the credential was refused. */
export type Attempt = { readonly result: unknown } | { readonly isRejected: true }

/**
 * Runs work, and tells the trial how it ended.
 *
 * @throws what work failed with, where that is no rejection; TypeError where that cannot be told, with the failure as
 * its `cause`.
 */
export async function attempted(
  work: () => unknown,
  isRejected: (error: unknown) => unknown,
  trial: Trial,
): Promise<Attempt> {
  let result: unknown
  try {
    result = await work()
  } catch (error) {
    if (!isRejection(error, isRejected, trial)) {
      trial.settle(UNKNOWN)
      throw error
    }
    trial.settle({ is: 'rejected', error })
    return { isRejected: true }
  }
  trial.settle({ is: 'accepted' })
  return { result }
}

function isRejection(error: unknown, isRejected: (error: unknown) => unknown, trial: Trial): boolean {
  const verdict = judged(error, isRejected, trial)
  if (typeof verdict === 'boolean') return verdict
  trial.settle(UNKNOWN)
  const isPromise = hasMethods(verdict, ['then'])
  // Nobody else would catch what it rejects with.
  if (isPromise) void Promise.resolve(verdict).catch(() => undefined)
  const got = isPromise ? 'a promise: it must not be async' : typeName(verdict)
  throw new TypeError(`isRejected: expected true or false, got ${got}`, { cause: error })
}

function judged(error: unknown, isRejected: (error: unknown) => unknown, trial: Trial): unknown {
  try {
    return isRejected(error)
  } catch {
    trial.settle(UNKNOWN)
    throw new TypeError('isRejected: threw when it was asked about the error that is the cause', {
      cause: error,
    })
  }
}
