/**
 * Which words of `format` are known: those that are checked, and those that only describe.
 *
 * @module
 */

/** Checked in full by `@cfworker/json-schema`, in time linear in the text. */
const CHECKED_FORMATS: ReadonlySet<string> = new Set([
  ...['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'regex'],
  ...['uri', 'uri-reference', 'uri-template', 'json-pointer', 'relative-json-pointer'],
  ...['json-pointer-uri-fragment', 'url'],
])

/**
 * Known and not checked: of JSON Schema, of OpenAPI, and those that zod writes beside a `pattern`.
 *
 * Source: draft 2020-12 validation §7.3; the OpenAPI format registry, https://spec.openapis.org/registry/format
 */
const DESCRIBING_FORMATS: ReadonlySet<string> = new Set([
  ...['idn-email', 'idn-hostname', 'iri', 'iri-reference'],
  ...['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float', 'double', 'decimal'],
  ...['decimal128', 'double-int', 'byte', 'binary', 'base64url', 'password', 'char', 'html', 'commonmark'],
  ...['media-range', 'http-date', 'date-time-local', 'time-local', 'unixtime'],
  ...[
    'base64',
    'cidrv4',
    'cidrv6',
    'cuid',
    'cuid2',
    'e164',
    'emoji',
    'guid',
    'hex',
    'jwt',
    'ksuid',
    'lowercase',
  ],
  ...['mac', 'nanoid', 'ulid', 'uppercase', 'xid'],
])

/** Whether a format is checked, or is known to describe only; any other is a typing error as a rule. */
export function isKnownFormat(format: string): boolean {
  return CHECKED_FORMATS.has(format) || DESCRIBING_FORMATS.has(format)
}

/** A URL as `url` means it: the validator's own expression for it takes exponential time. */
export const URL_RULES: readonly object[] = [
  { format: 'uri' },
  { pattern: '^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://[^/?#]' },
]
