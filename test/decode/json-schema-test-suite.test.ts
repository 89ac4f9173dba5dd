/**
 * The required cases of the official JSON Schema Test Suite, each read as a secret with a schema. What is not
 * as the suite has it is listed here, with the reason; a case more or less fails the test.
 */

import { expect, test } from 'vitest'
import { Decoder } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import { isSecretsError } from '../../src/errors.js'
import { type Case, type Draft, casesOf } from '../support/json-schema-suite.js'
import { REF } from './decode-with.js'

/** Keys by which a value could poison a prototype are refused before any schema is asked. */
const DANGEROUS_KEYS = [
  'properties: properties whose names are Javascript object property names: __proto__ not valid',
  'properties: properties whose names are Javascript object property names: constructor not valid',
  'properties: properties whose names are Javascript object property names: all present and valid',
  'required: required properties whose names are Javascript object property names: __proto__ present',
  'required: required properties whose names are Javascript object property names: constructor present',
  'required: required properties whose names are Javascript object property names: all present',
]

/** Draft 2020-12 only notes formats. Whoever writes one into the schema of a secret wants it checked. */
const CHECKED_FORMATS = [
  ...['email', 'regex', 'ipv4', 'ipv6', 'hostname', 'date', 'date-time', 'time', 'json-pointer'],
  ...['relative-json-pointer', 'uri', 'uri-reference', 'uri-template', 'uuid', 'duration'],
].map((name) => `format: ${name} format: invalid ${name} string is only an annotation by default`)

/** Nothing is fetched, and the metaschema of draft 2020-12 is not bundled. */
const METASCHEMA = [
  'defs: validate definition against metaschema: valid definition schema',
  'defs: validate definition against metaschema: invalid definition schema',
  'ref: remote ref, containing refs itself: remote ref valid',
  'ref: remote ref, containing refs itself: remote ref invalid',
]

/** A metaschema cannot switch keywords off. */
const VOCABULARY = [
  'vocabulary: schema that uses custom metaschema with with no validation vocabulary: ' +
    'no validation: invalid number, but it still validates',
]

/** Whether our decode path answers a case as the suite does; any other error than a refusal is a miss. */
async function passes(decoder: Decoder, { schema, data, valid }: Case): Promise<boolean> {
  const text = JSON.stringify(data)
  try {
    await decoder.decode({ text }, new DecodedValues(), { as: 'json', ref: REF, schema })
    return valid
  } catch (error) {
    const isRefusal = isSecretsError(error, 'ERR_SCHEMA') && error.what.startsWith('the value does not match')
    return isRefusal && !valid
  }
}

test.each<[Draft, number, readonly string[]]>([
  ['draft7', 927, DANGEROUS_KEYS],
  ['draft2020-12', 1299, [...METASCHEMA, ...CHECKED_FORMATS, ...DANGEROUS_KEYS, ...VOCABULARY]],
])('%s: all but the listed cases pass', async (draft, count, known) => {
  const decoder = new Decoder()
  const cases = casesOf(draft)
  const misses: string[] = []
  for (const one of cases) {
    if (!(await passes(decoder, one))) misses.push(one.title)
  }
  expect(cases).toHaveLength(count)
  expect(misses.sort()).toEqual([...known].sort())
})
