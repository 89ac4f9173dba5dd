/**
 * What carries requests to a service: a kind of client, and the commands that it sends. Everything else about a
 * source is the same whatever carries its requests.
 *
 * @module
 */

import type { SdkClient } from './sdk-client.js'
import type { SdkCommand } from './single-attempt.js'

/** An operation of the API, and its input as it is on the wire. */
export interface ServiceRequest {
  /** For example `GetSecretValue`. */
  readonly operation: string
  /** What goes to the service, as JSON. */
  readonly input: object
}

/** Makes clients of one service, and commands for them. */
export interface Transport<Request extends ServiceRequest> {
  /** Makes a client; without a region it finds one as the AWS SDK does. */
  readonly create: (region: string | undefined) => Promise<SdkClient>
  /** The command that has such a client send the request. */
  readonly command: (client: SdkClient, request: Request) => Promise<SdkCommand>
}

/** What is asked of Secrets Manager. */
export type SecretsManagerRequest =
  | {
      readonly operation: 'GetSecretValue'
      readonly input: { SecretId: string | undefined; VersionId?: string; VersionStage?: string }
    }
  | {
      readonly operation: 'BatchGetSecretValue'
      readonly input: { SecretIdList: string[]; NextToken?: string }
    }

/** What is asked of Parameter Store. */
export type ParameterStoreRequest =
  | { readonly operation: 'GetParameter'; readonly input: { Name: string; WithDecryption: true } }
  | { readonly operation: 'GetParameters'; readonly input: { Names: string[]; WithDecryption: true } }
  | {
      readonly operation: 'GetParametersByPath'
      readonly input: {
        Path: string | undefined
        Recursive: true
        WithDecryption: true
        MaxResults: number
        NextToken?: string
      }
    }
