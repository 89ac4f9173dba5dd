/**
 * Who may do what: the denials and disabled keys that a test has set, and AWS's texts for them.
 *
 * @module
 */
import { callerArn, matchesPattern, type Place } from './arn.js'
import { refusal } from './emulator-error.js'

/** Something that an action touches, under every name that a pattern may know it by. */
export interface Resource {
  /** As the caller wrote it or, for Parameter Store, the ARN: what AWS's message names. */
  readonly shown: string
  /** Names and ARNs. */
  readonly aliases: readonly string[]
}

/** A value sealed by a KMS key. */
interface Sealed {
  readonly service: 'secretsmanager' | 'ssm'
  /** Key id, alias or ARN. */
  readonly keyId: string
  readonly resource: Resource
}

/** What an operation must ask before it acts. */
export interface Access {
  /** Throws `AccessDeniedException` if a denial covers the action on the resource. */
  authorize(action: string, resource: Resource): void
  /** Throws what the service makes of a KMS refusal to decrypt. */
  decrypt(sealed: Sealed): void
  /** Throws what the service makes of a KMS refusal to encrypt. */
  encrypt(sealed: Sealed): void
}

/** Access without rules, for scenes that a test sets. */
export const openAccess: Access = {
  authorize: () => undefined,
  decrypt: () => undefined,
  encrypt: () => undefined,
}

interface Denial {
  readonly action: string
  readonly resource: string
}

/** The rules of one emulator; nothing is denied at first. */
export class AccessRules {
  readonly #denials = new Set<Denial>()
  readonly #disabledKeys = new Map<symbol, string>()

  /** Adds a denial; the function that comes back removes it. */
  deny(action: string, resource: string): () => void {
    const denial: Denial = { action, resource }
    this.#denials.add(denial)
    return () => void this.#denials.delete(denial)
  }

  /** Disables a KMS key; the function that comes back enables it again. */
  disableKey(keyId: string): () => void {
    const rule = Symbol(keyId)
    this.#disabledKeys.set(rule, bareKeyId(keyId))
    return () => void this.#disabledKeys.delete(rule)
  }

  /** Removes all rules. */
  clear(): void {
    this.#denials.clear()
    this.#disabledKeys.clear()
  }

  /** The rules as they bind operations in one region. */
  in(place: Place): Access {
    return {
      authorize: (action, resource) => {
        if (this.#denies(action, resource)) throw accessDenied(place, action, resource.shown)
      },
      decrypt: (sealed) => {
        if (this.#denies('kms:Decrypt', sealed.resource)) throw decryptDenied(sealed.service)
        if (this.#isDisabled(sealed.keyId)) throw keyDisabled(sealed, 'DecryptionFailure', CANNOT_DECRYPT)
      },
      encrypt: (sealed) => {
        if (this.#isDisabled(sealed.keyId)) throw keyDisabled(sealed, 'EncryptionFailure', CANNOT_ENCRYPT)
      },
    }
  }

  #denies(action: string, { aliases }: Resource): boolean {
    return [...this.#denials].some(
      (denial) =>
        matchesPattern(denial.action, action) &&
        aliases.some((alias) => matchesPattern(denial.resource, alias)),
    )
  }

  #isDisabled(keyId: string): boolean {
    return [...this.#disabledKeys.values()].includes(bareKeyId(keyId))
  }
}

// Source: the documentation of DecryptionFailure and EncryptionFailure, Secrets Manager API Reference.
const CANNOT_DECRYPT = "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
const CANNOT_ENCRYPT =
  "Secrets Manager can't encrypt the protected secret text using the provided KMS key. " +
  'Check that the KMS key is available, enabled, and not in an invalid state.'

/** Reduces the ways to write one key (`arn:…:key/id`, `arn:…:alias/x`, `id`, `alias/x`) to one. */
function bareKeyId(keyId: string): string {
  const resource = keyId.slice(keyId.lastIndexOf(':') + 1)
  return resource.startsWith('key/') ? resource.slice('key/'.length) : resource
}

// Source: messages seen in the field (elastic/apm-aws-lambda#401).
function accessDenied(place: Place, action: string, shown: string): Error {
  const why = `because no identity-based policy allows the ${action} action`
  const message = `User: ${callerArn(place)} is not authorized to perform: ${action} on resource: ${shown} ${why}`
  return refusal('AccessDeniedException', message)
}

// Source: messages seen in the field (aws/aws-cdk#7677 and tryolabs/aws-workshop#6).
function decryptDenied(service: Sealed['service']): Error {
  if (service === 'secretsmanager') return refusal('AccessDeniedException', 'Access to KMS is not allowed')
  const message =
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, ' +
    'or you are not allowed to access. (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)'
  return refusal('AccessDeniedException', message)
}

function keyDisabled({ service, keyId }: Sealed, code: string, message: string): Error {
  if (service === 'secretsmanager') return refusal(code, message)
  const text = `${keyId} is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException)`
  return refusal('InvalidKeyId', text)
}
