/** The real AWS SDK, pointed at a local server, and its errors reduced to what a program can branch on. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'

/** What both clients need; `emulator.clientConfig` is one. */
export interface SdkConfig {
  readonly endpoint: string
  readonly region: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export interface Sdk {
  readonly secretsManager: SecretsManagerClient
  readonly ssm: SSMClient
  /** Closes the idle connections of both. */
  destroy(): void
}

/** Both clients, each making one attempt only: a test wants to see the first failure. */
export function sdkFor(config: SdkConfig, maxAttempts = 1): Sdk {
  const secretsManager = new SecretsManagerClient({ ...config, maxAttempts })
  const ssm = new SSMClient({ ...config, maxAttempts })
  const destroy = () => {
    secretsManager.destroy()
    ssm.destroy()
  }
  return { secretsManager, ssm, destroy }
}

export interface SdkFailure {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
}

/** What the SDK rejects with; fails the test if it does not. */
export async function failureOf(sent: Promise<unknown>): Promise<SdkFailure> {
  const error: unknown = await sent.then(
    () => new Error('the request succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof Error)) throw new TypeError('the SDK rejected with something that is no Error')
  return { name: error.name, message: error.message, status: statusOf(error) }
}

/** The name of the error that the SDK rejects with, or `'success'`. */
export function outcomeOf(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => 'success',
    (error: unknown) => (error instanceof Error ? error.name : 'no Error'),
  )
}

function statusOf(error: Error): number | undefined {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined
}
