/**
 * Reads answers of AWS as what they are: data of unknown shape. An answer without a payload, or with a payload
 * of another identity than was asked for, is refused.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import { parseArn } from '../reference/arn.js'
import type { Reference } from '../reference/reference.js'
import { memberOf } from '../stored-value.js'

/** An object whose members are not known yet. */
export type Fields = Readonly<Record<string, unknown>>

/** Narrows to an object with members to look at. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null
}

/** The member if it is a string. */
export function stringIn(fields: Fields, name: string): string | undefined {
  const value = memberOf(fields, name)
  return typeof value === 'string' ? value : undefined
}

/** The member if it is a valid date. */
export function dateIn(fields: Fields, name: string): Date | undefined {
  const value = memberOf(fields, name)
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined
}

/** Whether an answered ARN is of the region that was asked, where both are known. */
export function isSameRegion(region: string | undefined, arn: string | undefined): boolean {
  const answered = arn === undefined ? undefined : parseArn(arn)?.region
  return region === undefined || answered === undefined || answered === region
}

/** The members of a list that are objects; none where there is no list. */
export function fieldsIn(answer: unknown, name: string): readonly Fields[] {
  const list: unknown = isFields(answer) ? memberOf(answer, name) : undefined
  return Array.isArray(list) ? list.filter(isFields) : []
}

/** What tells the request behind an answer: to be laid beside each of its parts. */
export function metadataIn(answer: unknown): { readonly $metadata?: { readonly requestId: string } } {
  const requestId = requestIdOf(answer)
  return requestId === undefined ? {} : { $metadata: { requestId } }
}

/** Whether a payload is larger than 1 MiB, in UTF-8: sixteen times what either service stores. */
export function isOversize(payload: string | Uint8Array): boolean {
  const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.byteLength
  return bytes > MAX_PAYLOAD_BYTES
}

const MAX_PAYLOAD_BYTES = 1_048_576

/** AWS request id of an answer or of an error. */
export function requestIdOf(value: unknown): string | undefined {
  const metadata = isFields(value) ? memberOf(value, '$metadata') : undefined
  const requestId = isFields(metadata) ? stringIn(metadata, 'requestId') : undefined
  return requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined
}

const REQUEST_ID = /^[\w-]{1,64}$/

/** The error for an answer without what every answer has; it may pass, since a proxy may have cut it short. */
export function malformed(reference: Reference, what: string, answer: unknown): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    ref: reference.ref,
    what: `the answer of the service is malformed: ${what}`,
    hint: 'Try again; if it stays, look for a proxy or a test double between this process and AWS.',
    attempts: 1,
    ...optional('requestId', requestIdOf(answer)),
  })
}

/** The error for an answer about something else than was asked for. */
export function mismatch(reference: Reference, what: string, answer: unknown): SecretsError {
  return new SecretsError('ERR_RESPONSE_MISMATCH', {
    ref: reference.ref,
    what: `the answer is for another ${what} than was asked for`,
    hint: 'It was thrown away. Look for a proxy, a cache or a test double between this process and AWS.',
    attempts: 1,
    ...optional('requestId', requestIdOf(answer)),
  })
}

/** An object with the one member, or without any where there is no value. */
export function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  const member: Partial<Record<Name, Value>> = {}
  if (value !== undefined) member[name] = value
  return member
}
