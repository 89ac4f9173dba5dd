/** What the fault server has, and how AWS would answer with it: every name exists, and every value holds the needle. */

import { NEEDLE } from '../needle.js'
import { type FaultRequest, textIn, textsIn } from './request.js'

/** A value in either form. */
export type VaultValue = string | Uint8Array

/** Members of a JSON answer. */
export type Wire = Record<string, unknown>

const ACCOUNT = '123456789012'
const CREATED_AT_S = 1_700_000_000.123

/** Values by the name of their secret or parameter. */
export class Vault {
  readonly #region: string
  readonly #values = new Map<string, { readonly value: VaultValue; readonly version: number }>()

  constructor(region: string, values: Readonly<Record<string, VaultValue>>) {
    this.#region = region
    for (const [name, value] of Object.entries(values)) this.put(name, value)
  }

  /** Gives a name a new version; one that was never given has version 1. */
  put(name: string, value: VaultValue): void {
    this.#values.set(name, { value, version: this.#get(name).version + (this.#values.has(name) ? 1 : 0) })
  }

  /** The value under a name: what was put there, or JSON with the needle and the name. */
  value(name: string): VaultValue {
    return this.#get(name).value
  }

  /** What AWS would answer; `undefined` for an operation that is not known. */
  answer({ operation, input }: FaultRequest): Wire | undefined {
    switch (operation) {
      case 'GetSecretValue':
        return this.#secret(input)
      case 'BatchGetSecretValue':
        return {
          SecretValues: textsIn(input, 'SecretIdList').map((SecretId) => this.#secret({ SecretId })),
          Errors: [],
        }
      case 'GetParameter':
        return { Parameter: this.#parameter(textIn(input, 'Name') ?? '') }
      case 'GetParameters':
        return {
          Parameters: textsIn(input, 'Names').map((name) => this.#parameter(name)),
          InvalidParameters: [],
        }
      default:
        return undefined
    }
  }

  #get(name: string): { readonly value: VaultValue; readonly version: number } {
    return this.#values.get(name) ?? { value: JSON.stringify({ password: NEEDLE, name }), version: 1 }
  }

  #secret(input: FaultRequest['input']): Wire {
    const name = nameOf(textIn(input, 'SecretId') ?? '')
    const { value, version } = this.#get(name)
    return {
      ARN: `arn:aws:secretsmanager:${this.#region}:${ACCOUNT}:secret:${name}-AbCdEf`,
      Name: name,
      VersionId: textIn(input, 'VersionId') ?? versionIdOf(version),
      ...(typeof value === 'string'
        ? { SecretString: value }
        : { SecretBinary: Buffer.from(value).toString('base64') }),
      VersionStages: [textIn(input, 'VersionStage') ?? 'AWSCURRENT'],
      CreatedDate: CREATED_AT_S,
    }
  }

  #parameter(id: string): Wire {
    const [, asked = '', selector] = /^((?:arn:(?:[^:]*:){4})?[^:]*)(:.*)?$/.exec(id) ?? []
    const name = nameOf(asked)
    const { value, version } = this.#get(name)
    return {
      ARN: `arn:aws:ssm:${this.#region}:${ACCOUNT}:parameter/${name.replace(/^\//, '')}`,
      Name: name,
      Type: 'SecureString',
      Value: typeof value === 'string' ? value : Buffer.from(value).toString('base64'),
      Version: /^:\d+$/.test(selector ?? '') ? Number(selector?.slice(1)) : version,
      ...(selector !== undefined && { Selector: selector }),
      LastModifiedDate: CREATED_AT_S,
      DataType: 'text',
    }
  }
}

/** The version id of a secret's n-th version. */
export function versionIdOf(version: number): string {
  return `00000000-0000-4000-8000-${version.toString().padStart(12, '0')}`
}

/** The name in an ARN, or the name itself. */
function nameOf(id: string): string {
  const secret = /^arn:[^:]+:secretsmanager:(?:[^:]*:){2}secret:(.+?)(?:-\w{6})?$/.exec(id)?.[1]
  const parameter = /^arn:[^:]+:ssm:(?:[^:]*:){2}parameter(\/.+)$/.exec(id)?.[1]
  return secret ?? parameter ?? id
}
