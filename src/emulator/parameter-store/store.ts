/**
 * The parameters of one account in one region.
 *
 * @module
 */
import type { Resource } from '../access.js'
import { parameterArn, parseArn, type Place } from '../arn.js'
import { refusal } from '../emulator-error.js'
import { checkNewName, malformedName, parseReference, type ParameterReference } from './names.js'

/** Types of parameters. */
export const PARAMETER_TYPES = ['String', 'StringList', 'SecureString'] as const
/** One of them. */
export type ParameterType = (typeof PARAMETER_TYPES)[number]

/** One version of a parameter; all but its labels never changes. */
export interface ParameterVersion {
  readonly version: number
  readonly type: ParameterType
  readonly value: string
  /** What a SecureString shows to those who do not ask for decryption. */
  readonly ciphertext: string
  /** KMS key of a SecureString. */
  readonly keyId?: string
  readonly tier: 'Standard' | 'Advanced'
  readonly dataType: string
  readonly description?: string
  readonly allowedPattern?: string
  readonly modifiedAtMs: number
  readonly labels: Set<string>
}

/** A parameter with its versions, oldest first; there is always one. */
export interface Parameter {
  /** As it was written when the parameter was created, with or without a leading slash. */
  readonly name: string
  readonly key: string
  readonly arn: string
  latest: ParameterVersion
  versions: readonly ParameterVersion[]
  readonly tags: Map<string, string>
}

/** The parameters of one region. */
export class ParameterStore {
  readonly place: Place
  readonly #parameters = new Map<string, Parameter>()

  constructor(place: Place) {
    this.place = place
  }

  /** All parameters, sorted by name. */
  all(): Parameter[] {
    return [...this.#parameters.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** The parameter that a reference points at, whatever its selector. */
  find(reference: ParameterReference | undefined): Parameter | undefined {
    return reference === undefined ? undefined : this.#parameters.get(reference.key)
  }

  /**
   * The parameter of that name, or of that ARN in this account and region.
   *
   * Otherwise `ParameterNotFound`, which has no text, or `ValidationException` for a malformed name.
   */
  get(asked: string): Parameter {
    const reference = parseReference(asked)
    if (reference === undefined) throw malformedName(asked)
    const isForeign = parseArn(asked) !== undefined && !asked.startsWith(parameterArn(this.place, ''))
    const parameter = isForeign ? undefined : this.find(reference)
    if (parameter === undefined) throw refusal('ParameterNotFound')
    return parameter
  }

  /** Adds a parameter with its first version. */
  create(name: string, first: ParameterVersion): void {
    checkNewName(name, this.place)
    const key = name.replace(/^\//, '')
    const arn = parameterArn(this.place, key)
    this.#parameters.set(key, { name, key, arn, latest: first, versions: [first], tags: new Map() })
  }

  /** Removes a parameter with all its versions. */
  remove(parameter: Parameter): void {
    this.#parameters.delete(parameter.key)
  }

  /** What IAM patterns may call the parameter or path that is asked for, whether or not it exists. */
  resource(asked: string): Resource {
    const reference = parseReference(asked)
    const name = reference?.name ?? asked
    const key = reference?.key ?? asked.replace(/^\//, '')
    const shown = parseArn(asked) === undefined ? parameterArn(this.place, key) : asked
    return { shown, aliases: [asked, name, key, `/${key}`, shown] }
  }
}

/** The version that a selector names: a number, a label, or without one the latest. */
export function selectVersion(parameter: Parameter, selector: string | undefined): ParameterVersion {
  if (selector === undefined) return parameter.latest
  const isNumber = /^\d+$/.test(selector)
  const found = parameter.versions.find(({ version, labels }) =>
    isNumber ? version === Number(selector) : labels.has(selector),
  )
  if (found !== undefined) return found
  throw isNumber ? noVersion(parameter.name, selector) : noLabel(parameter.name, selector)
}

function noVersion(name: string, version: string): Error {
  const message = `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`
  return refusal('ParameterVersionNotFound', message)
}

/** What AWS calls this error is not documented; this is the one error of GetParameter's model that fits. */
function noLabel(name: string, label: string): Error {
  const message = `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`
  return refusal('ParameterVersionNotFound', message)
}
