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
  const payload = payloadOf(value, 'createSecret')
  if (schema !== undefined) await checkSchema(payload, schema)
  return payload
}

/**
 * A value as it is stored.
 *
 * @param maker - name of the function that has made it
 * @throws RotationError for a value that is none.
 */
export function payloadOf(value: unknown, maker: string): Payload {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    if (value.length > 0) return typeof value === 'string' ? { text: value } : { bytes: value }
    const what = `the function ${maker} returned an empty value`
    throw new RotationError({ what, hint: 'Let it throw where there is no new value.', reason: 'secret' })
  }
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined
  if (text === undefined) {
    const what = `the function ${maker} returned neither text nor bytes nor an object`
    throw new RotationError({ what, reason: 'secret' })
  }
  // An ArrayBuffer, a Map or a Response has nothing in it for JSON, and its secret would be lost.
  if (text !== '{}' && !ArrayBuffer.isView(value)) return { text }
  throw new RotationError({
    what: `the function ${maker} returned an object that JSON does not keep`,
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
    throw new RotationError({ what: `the new value cannot be used: ${what}`, ...facts })
  } finally {
    await secrets.close()
  }
}
