/** A Lambda function that rotates a key of a web service, which allows two keys at a time. */

import { RotationError, apiKey, createRotationHandler } from 'aws-secrets-client/rotation'
import { z } from 'zod'

const API = process.env['KEYS_API'] ?? 'https://api.example.com'

const Key = z.object({ id: z.string(), key: z.string() })

export const handler = createRotationHandler(
  apiKey({
    schema: Key,
    revoke: 'before-create',
    async createKey(rotation) {
      // With the same name the service answers the same key: a lost answer leaves no second one behind.
      const { key } = await rotation.current()
      const response = await call('PUT', `/keys/${rotation.versionId}`, key)
      if (!response.ok) throw refused('create a key', response)
      return Key.parse(await response.json())
    },
    async testKey({ key }) {
      const response = await call('GET', '/me', key)
      if (!response.ok) throw refused('accept the new key', response)
    },
    async revokeKey({ id }, rotation) {
      const { key } = await rotation.current()
      const response = await call('DELETE', `/keys/${id}`, key)
      // 404: it is revoked already, by this step when it was asked for before.
      if (!response.ok && response.status !== 404) throw refused('revoke the old key', response)
    },
  }),
)

function call(method: string, path: string, key: string): Promise<Response> {
  return fetch(`${API}${path}`, { method, headers: { authorization: `Bearer ${key}` } })
}

/** In words of our own: of any other error the handler shows no message, since it may quote the key. */
function refused(task: string, { status }: Response): RotationError {
  return new RotationError({ what: `the service does not ${task}: HTTP ${status}`, reason: 'refused' })
}
