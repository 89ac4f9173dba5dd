/**
 * Builds the error of a reference that cannot be, without repeating what must not be repeated: people paste
 * a secret's value where its reference belongs, so the input is quoted only where it reads like a reference.
 *
 * In a hint, whatever stands between backticks is a complete reference that parses.
 *
 * @module
 */
import { SecretsError } from '../errors.js'

/** Longer input is never quoted. */
const MAX_QUOTED_LENGTH = 128

const REFERENCE_CHARACTERS = /^[A-Za-z0-9/_+=.@!:#{}~-]+$/

/** What names hardly ever have and credentials often do: `user:password@host`, and how well-known tokens start. */
const LOOKS_LIKE_CREDENTIALS = /:\/\/|@|(?:^|[:/#])(?:A[KS]IA|sk-|gh[pousr]_|github_pat_|xox|eyJ)/

/** Long enough to be a key, and of mixed characters as names are not. */
const LONG_RUN = /[A-Za-z0-9+/_=]{16,}/g

/**
 * Whether an error may quote this text: short, of reference characters only, and nothing that looks like a
 * password, a key or a token.
 */
function isQuotable(text: string): boolean {
  if (text.length > MAX_QUOTED_LENGTH || !REFERENCE_CHARACTERS.test(text)) return false
  return !LOOKS_LIKE_CREDENTIALS.test(text) && !(text.match(LONG_RUN) ?? []).some(isMixed)
}

function isMixed(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && /[0-9]/.test(run)
}

/**
 * The error for an impossible or ambiguous reference, code `ERR_REFERENCE_INVALID`.
 *
 * @param subject - What the user passed; becomes the error's `ref` where it may be quoted.
 * @param what - What was wrong, without a final full stop.
 * @param hint - What to write instead, with an example between backticks.
 */
export function refusal(subject: string, what: string, hint: string): SecretsError {
  return new SecretsError(
    'ERR_REFERENCE_INVALID',
    isQuotable(subject) ? { what, hint, ref: subject } : { what, hint },
  )
}

/** The noun, followed by the quoted part where both the part and the whole that it comes from may be quoted. */
export function named(subject: string, noun: string, part: string): string {
  return isQuotable(subject) && isQuotable(part) ? `${noun} "${part}"` : noun
}

/** An example made of the user's own text where that may be quoted, else a general one. */
export function example(subject: string, own: string, general: string): string {
  return `\`${isQuotable(subject) && isQuotable(own) ? own : general}\``
}

/**
 * Names the first character that a pattern finds by its place and code point, never the character itself:
 * `character 5 of the secret name (U+0020) is not allowed there`. `undefined` when there is none.
 *
 * @param forbidden - Matches one character that is not allowed.
 */
export function describeForbidden(noun: string, text: string, forbidden: RegExp): string | undefined {
  const index = text.search(forbidden)
  if (index < 0) return undefined
  const codePoint = text.codePointAt(index) ?? 0
  const hex = codePoint.toString(16).toUpperCase().padStart(4, '0')
  return `character ${index + 1} of the ${noun} (U+${hex}) is not allowed there`
}
