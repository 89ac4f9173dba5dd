/**
 * Everything that a fake holds, found by name or by ARN.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import type {
  ParameterReference,
  Reference,
  SecretReference,
  StoredValue,
  TreeParameter,
} from 'aws-secrets-client'
import { ParameterItem } from './parameter-item.js'
import { SecretItem } from './secret-item.js'

const PLACE = 'eu-west-1:123456789012'

/** Secrets and parameters of one fake. */
export class Shelf {
  readonly #secrets = new Map<string, SecretItem>()
  readonly #parameters = new Map<string, ParameterItem>()
  /** How many were made: one that is made again has another ARN and other version ids. */
  #made = 0

  /** The secret that the reference names, whatever its selector. */
  secret({ name, arn }: SecretReference): SecretItem | undefined {
    if (name !== undefined) return [...this.#secrets.values()].find((item) => item.name === name)
    return arn === undefined ? undefined : [...this.#secrets.values()].find((item) => isArnOf(arn, item))
  }

  /** The parameter that the reference names, whatever its selector. */
  parameter(reference: ParameterReference): ParameterItem | undefined {
    return this.#parameters.get(parameterKey(reference))
  }

  /** The same of either service. */
  item(reference: Reference): SecretItem | ParameterItem | undefined {
    return reference.service === 'ssm' ? this.parameter(reference) : this.secret(reference)
  }

  /** What is stored under the reference, of the version that it selects. */
  read(reference: Reference): StoredValue | undefined {
    return reference.service === 'ssm'
      ? this.parameter(reference)?.read(reference)
      : this.secret(reference)?.read(reference)
  }

  /** The secret, which is made where there is none. */
  openSecret(reference: SecretReference): SecretItem {
    return this.secret(reference) ?? this.#makeSecret(reference)
  }

  /** The parameter, which is made where there is none. */
  openParameter(reference: ParameterReference): ParameterItem {
    const known = this.parameter(reference)
    if (known !== undefined) return known
    const key = parameterKey(reference)
    const arn = reference.arn ?? `arn:aws:ssm:${PLACE}:parameter${key}`
    const item = new ParameterItem({ name: reference.name ?? key, arn })
    this.#parameters.set(key, item)
    return item
  }

  /** Forgets an item with all its versions; whether there was one. */
  remove(reference: Reference): boolean {
    if (reference.service === 'ssm') return this.#parameters.delete(parameterKey(reference))
    const item = this.secret(reference)
    return item !== undefined && this.#secrets.delete(item.arn)
  }

  /** The parameters below a path that ends with `/`, by name. */
  below(path: string): readonly TreeParameter[] {
    return [...this.#parameters]
      .filter(([key]) => key.startsWith(path))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, item]) => item.leaf())
  }

  #makeSecret({ name, arn }: SecretReference): SecretItem {
    this.#made += 1
    const own =
      name ??
      arn
        ?.split(':')
        .slice(6)
        .join(':')
        .replace(/-[A-Za-z0-9]{6}$/, '') ??
      ''
    const seed = createHash('sha256').update(`${this.#made} ${own}`).digest('hex').slice(0, 12)
    const full = arn ?? `arn:aws:secretsmanager:${PLACE}:secret:${own}`
    const whole = /-[A-Za-z0-9]{6}$/.test(full) && arn !== undefined ? full : `${full}-${seed.slice(0, 6)}`
    const item = new SecretItem({ name: own, arn: whole, seed })
    this.#secrets.set(item.arn, item)
    return item
  }
}

/** The ARN of a secret without the six characters at its end; that of a parameter. */
export function partialArnOf(item: SecretItem | ParameterItem): string {
  return item instanceof SecretItem ? item.arn.slice(0, -7) : item.arn
}

function isArnOf(arn: string, item: SecretItem): boolean {
  return arn === item.arn || arn === partialArnOf(item)
}

/** One spelling for `X`, `/X` and the ARN of it. */
function parameterKey({ name, arn }: ParameterReference): string {
  const given =
    name ??
    arn
      ?.split(':')
      .slice(5)
      .join(':')
      .replace(/^parameter/, '') ??
    ''
  return given.startsWith('/') ? given : `/${given}`
}
