/** Decodes one payload with a decoder of its own, and catches what a promise rejects with. */

import { expect } from 'vitest'
import { Decoder, type Decoding } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import { SecretsError } from '../../src/errors.js'

export const REF = 'prod/db'

/** `payload` is text or bytes; the default is text. */
export function decodeWith(payload: string | Uint8Array, how: Partial<Decoding> = {}): Promise<unknown> {
  const stored = typeof payload === 'string' ? { text: payload } : { bytes: payload }
  return new Decoder().decode(stored, new DecodedValues(), { as: 'text', ref: REF, ...how })
}

/** The `SecretsError` that `promise` rejects with; fails when it resolves or rejects with anything else. */
export async function failureOf(promise: Promise<unknown>): Promise<SecretsError> {
  const outcome = await promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(SecretsError)
  return outcome as SecretsError
}

export const utf8 = (text: string) => new TextEncoder().encode(text)
