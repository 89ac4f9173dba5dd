/**
 * What is wrong with a JSON Schema itself, whatever the value.
 *
 * @module
 */

const QUOTED_LENGTH = 80

/** A JSON Schema that cannot be used. The schema is the author's own, so it may be quoted. */
export class SchemaFault extends Error {
  /** Where and what, such as `/properties/db/$ref leads nowhere: "#/$defs/Db"`. */
  readonly what: string

  constructor(what: string) {
    super(what)
    this.what = what
  }
}

/** `what`, and the text that it is about where that is short. */
export function quoting(what: string, text: unknown): string {
  const quoted = JSON.stringify(text) as string | undefined
  return quoted === undefined || quoted.length > QUOTED_LENGTH ? what : `${what}: ${quoted}`
}

/** The JSON pointer of a member. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
