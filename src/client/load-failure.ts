/**
 * Puts the failures of several reads into one error.
 *
 * @module
 */

import { SecretsError } from '../errors.js'

/** Failures that the message tells, each on a line of its own. */
const SHOWN_FAILURES = 20

/** A failure, under the name by which the caller knows what failed: an alias, a reference, or a place. */
export type NamedFailure = readonly [name: string, error: SecretsError]

/**
 * The one error of a load that failed: a list of what failed and why, with the error of each in `errors`.
 *
 * @param noun - what was read, such as `secrets`
 */
export function loadFailure(failures: readonly NamedFailure[], total: number, noun: string): SecretsError {
  const shown = failures.slice(0, SHOWN_FAILURES).map(([name, error]) => lineOf(name, error))
  const more = failures.length - shown.length
  const list = more > 0 ? [...shown, `and ${more} more`] : shown
  const errors = failures.map(([, error]) => error)
  // The last full stop is that of the whole message.
  const lines = list
    .map((line) => `\n- ${line}`)
    .join('')
    .replace(/\.$/, '')
  return new SecretsError('ERR_LOAD', {
    what: `${failures.length} of ${total} ${noun} failed (the member \`errors\` has each):${lines}`,
    errors: Object.freeze(Object.fromEntries(failures)),
    retryable: errors.every(({ retryable }) => retryable),
    attempts: Math.max(0, ...errors.map(({ attempts }) => attempts)),
  })
}

/** Name, code, and what the error says. */
function lineOf(name: string, { code, ref, what, hint }: SecretsError): string {
  const subject = ref === undefined || ref === name ? '' : `${ref}: `
  return `${name} (${code}): ${subject}${what}.${hint === undefined ? '' : ` ${hint}`}`
}
