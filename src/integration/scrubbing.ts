/**
 * What an adapter needs of a client.
 *
 * @module
 */

/** Anything that masks the values it knows in a text: a `SecretsClient`. */
export interface Scrubbing {
  /** The text with every known value masked. */
  scrub(text: string): string
}

/** What stands for a value that was masked. */
export const MASK = '[redacted]'

/**
 * Has a client know from now on what it hands out, by masking for the first time.
 *
 * @throws TypeError where it masks nothing, as no client.
 */
export function startScrubbing(secrets: Scrubbing): void {
  if (!hasMethod(secrets, 'scrub'))
    throw new TypeError(`secrets: expected a client, got ${typeName(secrets)}`)
  secrets.scrub('')
}

/** Whether a value has that method, own or inherited. */
export function hasMethod(value: unknown, name: string): boolean {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && typeof Reflect.get(value, name) === 'function'
}

/** How a wrong value is called in a message. */
export function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value
}
