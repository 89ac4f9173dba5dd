/** What the service has: two secrets that are rotated, deleted and created again. */

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:'
const NAMES = ['one', 'two'] as const

/** One of the two secrets. */
export type SecretNumber = 0 | 1

/** One version of a secret, in the generation that its ARN tells. */
export interface Version {
  readonly secret: SecretNumber
  readonly arn: string
  readonly id: string
  /** Counted through all secrets, so that no two have the same. */
  readonly n: number
}

/** How a schedule names a secret. */
export interface Target {
  readonly secret: SecretNumber
  /** `oldArn` is that of the first generation, which is no more once the secret was created again. */
  readonly spelling: 'name' | 'partialArn' | 'arn' | 'oldArn'
  /** `pinned` is the id of what is the newest version when the target is resolved. */
  readonly selector: 'current' | 'previous' | 'pinned'
}

/** A target as the client is asked for it. */
export interface Reference {
  readonly name?: string
  readonly arn?: string
  readonly versionId?: string
  readonly versionStage?: string
}

interface Secret {
  readonly generations: string[]
  readonly versions: Version[]
  current: Version | undefined
  previous: Version | undefined
  exists: boolean
}

/** The secrets of one schedule. */
export class Vault {
  readonly #secrets: readonly [Secret, Secret] = [empty(), empty()]
  #generations = 0
  #versions = 0

  constructor() {
    this.recreate(0)
    this.recreate(1)
  }

  /** Gives a secret that exists a new current version. */
  rotate(number: SecretNumber): void {
    const secret = this.#secrets[number]
    const arn = secret.generations.at(-1)
    if (!secret.exists || arn === undefined) return
    this.#versions += 1
    const id = `${String(this.#versions).padStart(8, '0')}-aaaa-bbbb-cccc-000000000000`
    const version = { secret: number, arn, id, n: this.#versions }
    secret.previous = secret.current
    secret.current = version
    secret.versions.push(version)
  }

  /** Moves the stage AWSCURRENT back to the version before, as an operator does. */
  rollBack(number: SecretNumber): void {
    const secret = this.#secrets[number]
    const { current, previous } = secret
    if (!secret.exists || previous === undefined) return
    secret.current = previous
    secret.previous = current
  }

  /** Deletes a secret. */
  delete(number: SecretNumber): void {
    this.#secrets[number].exists = false
  }

  /** Creates a secret again: the same name, another ARN, other versions. */
  recreate(number: SecretNumber): void {
    const secret = this.#secrets[number]
    this.#generations += 1
    secret.generations.push(`${ARN}${NAMES[number]}-${String(this.#generations).padStart(6, 'A')}`)
    secret.current = undefined
    secret.exists = true
    this.rotate(number)
    this.rotate(number)
  }

  /** What the client is asked for. */
  reference({ secret: number, spelling, selector }: Target): Reference {
    const { generations, versions } = this.#secrets[number]
    const arn = (spelling === 'oldArn' ? generations[0] : generations.at(-1)) ?? ''
    const item =
      spelling === 'name'
        ? { name: NAMES[number] }
        : { arn: spelling === 'partialArn' ? `${ARN}${NAMES[number]}` : arn }
    if (selector === 'previous') return { ...item, versionStage: 'AWSPREVIOUS' }
    const versionId = selector === 'pinned' ? versions.at(-1)?.id : undefined
    return { ...item, ...(versionId !== undefined && { versionId }) }
  }

  /** What the service has under a reference now. */
  find(reference: Reference): Version | undefined {
    const secret = this.#secrets[secretOf(reference)]
    const arn = secret.generations.at(-1)
    const asked = fullArnOf(reference)
    if (!secret.exists || (asked !== undefined && asked !== arn)) return undefined
    if (reference.versionStage !== undefined) return secret.previous
    if (reference.versionId === undefined) return secret.current
    return secret.versions.find((version) => version.arn === arn && version.id === reference.versionId)
  }

  /** The ARN that a reference leads to now. */
  arnOf(reference: Reference): string | undefined {
    const { exists, generations } = this.#secrets[secretOf(reference)]
    return fullArnOf(reference) ?? (exists ? generations.at(-1) : undefined)
  }

  /** A version by its number. */
  version(n: number): Version | undefined {
    return this.#secrets.flatMap(({ versions }) => versions).find((version) => version.n === n)
  }
}

/** Which secret a reference names. */
export function secretOf({ name, arn }: Reference): SecretNumber {
  return (name ?? arn ?? '').includes(NAMES[1]) ? 1 : 0
}

/** The name of a secret. */
export function nameOf(secret: SecretNumber): string {
  return NAMES[secret]
}

/** The ARN of a reference, if it is one with its suffix: it can mean one generation only. */
export function fullArnOf({ arn }: Reference): string | undefined {
  return arn !== undefined && /-[A-Z0-9]{6}$/.test(arn) ? arn : undefined
}

/** What distinguishes versions of one secret in a reference: a stage, an id, or nothing for the current one. */
export function selectorOf({ versionId, versionStage }: Reference): string {
  return versionStage ?? versionId ?? ''
}

function empty(): Secret {
  return { generations: [], versions: [], current: undefined, previous: undefined, exists: false }
}
