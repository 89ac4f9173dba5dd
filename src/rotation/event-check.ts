/**
 * Tells an event of Secrets Manager from anything else that a function may be invoked with.
 *
 * @module
 */

import { parseReference } from 'aws-secrets-client'
import { RotationError } from './rotation-error.js'
import type { RotationEvent, RotationStep } from './rotation-event.js'

const STEPS: readonly RotationStep[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret']
const HINT = 'Secrets Manager invokes the function with { Step, SecretId, ClientRequestToken }.'

/**
 * The event, checked member by member.
 *
 * @throws RotationError with the reason `event`; it quotes no member.
 */
export function checkEvent(event: unknown): RotationEvent {
  const Step = STEPS.find((step) => step === memberOf(event, 'Step'))
  if (Step === undefined) throw refused('Step', `one of ${STEPS.join(', ')}`)
  const SecretId = memberOf(event, 'SecretId')
  if (typeof SecretId !== 'string' || !isSecret(SecretId)) throw refused('SecretId', "a secret's ARN", Step)
  const ClientRequestToken = memberOf(event, 'ClientRequestToken')
  if (typeof ClientRequestToken !== 'string' || !TOKEN.test(ClientRequestToken)) {
    throw refused('ClientRequestToken', 'a version id of 32 to 64 characters', Step)
  }
  const RotationToken = memberOf(event, 'RotationToken') ?? undefined
  if (RotationToken === undefined) return { Step, SecretId, ClientRequestToken }
  if (typeof RotationToken !== 'string') throw refused('RotationToken', 'a string', Step)
  return { Step, SecretId, ClientRequestToken, RotationToken }
}

/** Source: ClientRequestToken, Secrets Manager API Reference: no pattern is documented. The rest is none of a reference. */
const TOKEN = /^[^\s:#\p{Cc}\p{Cf}\p{Cs}]{32,64}$/u

function isSecret(id: string): boolean {
  try {
    const { service, name, arn } = parseReference(id)
    return service === 'secretsmanager' && (name === id || arn === id)
  } catch {
    return false
  }
}

function memberOf(event: unknown, name: string): unknown {
  return typeof event === 'object' && event !== null && Object.hasOwn(event, name)
    ? Reflect.get(event, name)
    : undefined
}

function refused(name: string, expected: string, step?: RotationStep): RotationError {
  const what = `the event's ${name} is not ${expected}`
  return new RotationError({ what, hint: HINT, reason: 'event', ...(step !== undefined && { step }) })
}
