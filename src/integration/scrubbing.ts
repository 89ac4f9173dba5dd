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
