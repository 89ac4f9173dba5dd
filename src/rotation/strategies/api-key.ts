/**
 * The strategy for keys that a provider issues: a new one beside the one in use, and the one before that revoked.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import type { Schema } from 'aws-secrets-client'
import { payloadOf } from '../new-value.js'
import type {
  NewSecret,
  RotatedValue,
  Rotation,
  RotationSteps,
  RotationStrategy,
} from '../rotation-options.js'
import { checkAnswer } from '../test-answer.js'
import { checkProvider } from './arguments.js'

/** How to deal with a provider of keys. */
export interface ApiKeyProvider<SchemaType extends Schema | undefined> {
  /** What the secret must match; without it the secret is the key, as text. */
  readonly schema?: SchemaType | undefined
  /**
   * When the key before the last is revoked: `before-finish`, so that it lives as long as it can, or `before-create` for
   * providers that allow two keys only.
   *
   * @defaultValue `'before-finish'`
   */
  readonly revoke?: 'before-finish' | 'before-create'
  /**
   * Issues a key and resolves with the whole new value of the secret. May be called again with the same
   * `rotation.versionId` where an answer was lost: a key by that name, or for that idempotency key, should be replaced or
   * returned, so that no second one is left over.
   */
  readonly createKey: (rotation: Rotation<RotatedValue<SchemaType>>) => NewSecret | Promise<NewSecret>
  /** Uses the key, and throws where the provider refuses it; `false` is refused, too. */
  readonly testKey: (
    value: RotatedValue<SchemaType>,
    rotation: Rotation<RotatedValue<SchemaType>>,
  ) => void | Promise<void>
  /** Revokes the key; must succeed where it is revoked already. */
  readonly revokeKey: (
    value: RotatedValue<SchemaType>,
    rotation: Rotation<RotatedValue<SchemaType>>,
  ) => unknown
}

/**
 * Rotates a key that a provider issues. The last key stays valid, for clients that have it cached, until the next
 * rotation revokes it.
 */
export function apiKey<const SchemaType extends Schema | undefined = undefined>(
  provider: ApiKeyProvider<SchemaType>,
): RotationStrategy<SchemaType>
export function apiKey(provider: AnyProvider): AnyStrategy {
  checkProvider(provider)
  const { schema, revoke = 'before-finish' } = provider
  const revokePrevious = async (rotation: Rotation<unknown>, inUse: readonly unknown[]) => {
    const previous = await rotation.previous()
    // A stage that was moved by hand, or a provider that issues a key twice, can leave one key in two versions.
    if (previous === undefined || inUse.some((key) => isDeepStrictEqual(previous, key))) return
    await provider.revokeKey(previous, rotation)
  }
  return {
    schema,
    async createSecret(rotation) {
      if (revoke === 'before-create') await revokePrevious(rotation, [await rotation.current()])
      const value = await provider.createKey(rotation)
      payloadOf(value, 'createKey')
      return value
    },
    setSecret: () => undefined,
    async testSecret(rotation) {
      checkAnswer(await provider.testKey(await rotation.pending(), rotation), 'testKey')
    },
    async finishSecret(rotation) {
      if (revoke === 'before-create') return
      await revokePrevious(rotation, [await rotation.current(), await rotation.pending()])
    },
  }
}

/** Whatever the schema makes of the values. */
interface AnyProvider extends Pick<ApiKeyProvider<undefined>, 'revoke'> {
  readonly schema?: Schema | undefined
  readonly createKey: (rotation: Rotation<unknown>) => NewSecret | Promise<NewSecret>
  readonly testKey: (value: unknown, rotation: Rotation<unknown>) => unknown
  readonly revokeKey: (value: unknown, rotation: Rotation<unknown>) => unknown
}

interface AnyStrategy extends RotationSteps<unknown> {
  readonly schema: Schema | undefined
}
