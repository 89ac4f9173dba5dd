/**
 * What requests are signed with, and where it may come from.
 *
 * @module
 */

/** Environment variables, read anew whenever they are needed. */
export type LeanEnvironment = Readonly<Record<string, string | undefined>>

/** What requests are signed with. */
export interface LeanCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What is wrong where there are no credentials; the hint of the error is made from it. */
type CredentialsTrouble =
  'gone' | 'host' | 'token' | 'silent' | 'unreachable' | 'malformed' | `status ${number}`

/** No credentials could be had. The name is that of the AWS SDK's own error: nothing was sent to the service. */
export class CredentialsFailure extends Error {
  override readonly name = 'CredentialsProviderError'
  readonly trouble: CredentialsTrouble

  constructor(trouble: CredentialsTrouble) {
    super('there are no credentials')
    this.trouble = trouble
  }
}

/** The variable; `undefined` where it is empty, too, as the AWS SDK has it. */
export function variableIn(environment: LeanEnvironment, name: string): string | undefined {
  const value = environment[name]
  return value === '' ? undefined : value
}

/** Credentials in variables, both parts or none. */
export function credentialsIn(environment: LeanEnvironment): LeanCredentials | undefined {
  const accessKeyId = variableIn(environment, 'AWS_ACCESS_KEY_ID')
  const secretAccessKey = variableIn(environment, 'AWS_SECRET_ACCESS_KEY')
  const sessionToken = variableIn(environment, 'AWS_SESSION_TOKEN')
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}
