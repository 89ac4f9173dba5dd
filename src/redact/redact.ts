/**
 * Replaces references for display, where names and ARNs should not be in logs and traces.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import type { Service } from '../reference/reference.js'

/**
 * What is shown of references: `false` everything; `true` the service and a hash, such as
 * `secretsmanager:#96e5a54a41f0`; or what a function of your own returns.
 *
 * The hash is that of the whole reference, the same in every process, and no secret: who knows a name can tell
 * its hash. Where a function throws, or returns anything but a string, `[redacted]` is shown.
 */
export type RefRedaction = boolean | ((ref: string) => string)

/** Hexadecimal digits that are shown of a hash: 48 bits, enough to tell a million references apart. */
const SHOWN_DIGITS = 12

/** Hashes that are remembered before all of them are forgotten. */
const MAX_REMEMBERED = 1000

const REDACTED = '[redacted]'

/**
 * What to show of a reference, by the caller's setting, or `undefined` where that is the reference itself. What
 * is returned never throws.
 */
export function createRedactor(setting: RefRedaction | undefined): ((ref: string) => string) | undefined {
  if (setting === undefined || setting === false) return undefined
  return setting === true ? createHashing() : (ref) => redactedBy(setting, ref)
}

function createHashing(): (ref: string) => string {
  const remembered = new Map<string, string>()
  return (ref) => {
    const known = remembered.get(ref)
    if (known !== undefined) return known
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    const hash = createHash('sha256').update(ref).digest('hex').slice(0, SHOWN_DIGITS)
    const shown = `${serviceOf(ref)}:#${hash}`
    remembered.set(ref, shown)
    return shown
  }
}

function serviceOf(ref: string): Service {
  return ref.startsWith('ssm:') || /^arn:[^:]*:ssm:/.test(ref) ? 'ssm' : 'secretsmanager'
}

function redactedBy(redact: (ref: string) => unknown, ref: string): string {
  try {
    const shown = redact(ref)
    if (typeof shown === 'string') return shown
    ignoreRejection(shown)
  } catch {
    return REDACTED
  }
  return REDACTED
}

/** An asynchronous function is none that can be used, and must not end the process either. */
function ignoreRejection(result: unknown): void {
  new Promise((resolve) => {
    resolve(result)
  }).catch(() => undefined)
}
