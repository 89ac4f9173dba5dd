/**
 * What `createSecret` made, before it is stored: a pending value that nobody can read would end every further try.
 *
 * @module
 */

import { SecretsClient, isSecretsError } from 'aws-secrets-client'
import type { Payload, Schema, Source } from 'aws-secrets-client'
import { RotationError } from './rotation-error.js'

/**
 * What is to be stored of a value.
 *
 * @throws RotationError for a value that is none, and for one that the schema refuses.
 */
export async function newPayload(value: unknown, schema: Schema | undefined): Promise<Payload> {
  const payload = payloadOf(value)
  if (schema !== undefined) await checkSchema(payload, schema)
  return payload
}

function payloadOf(value: unknown): Payload {
  if (typeof value === 'string') return { text: value }
  if (value instanceof Uint8Array) return { bytes: value }
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined
  if (text === undefined) {
    const what = 'the function createSecret returned neither text nor bytes nor an object'
    throw new RotationError({ what, reason: 'secret' })
  }
  // An ArrayBuffer, a Map or a Response has nothing in it for JSON, and its secret would be lost.
  if (text !== '{}' && !ArrayBuffer.isView(value)) return { text }
  throw new RotationError({
    what: 'the function createSecret returned an object that JSON does not keep',
    hint: 'Return text, a Uint8Array, or an object with the members that are to be stored.',
    reason: 'secret',
  })
}

/** Reads the value as the steps after this one will. */
async function checkSchema(payload: Payload, schema: Schema): Promise<void> {
  const source: Source = {
    service: 'secretsmanager',
    maxBatch: 1,
    load: () => Promise.resolve([{ value: payload }]),
  }
  const secrets = new SecretsClient({ sources: [source] })
  try {
    await secrets.get('new', { schema })
  } catch (error) {
    if (!isSecretsError(error)) throw error
    const { code, hint, what } = error
    const facts = { code, reason: 'secret', ...(hint !== undefined && { hint }) } as const
    throw new RotationError({ what: `what createSecret made cannot be used: ${what}`, ...facts })
  } finally {
    await secrets.close()
  }
}
