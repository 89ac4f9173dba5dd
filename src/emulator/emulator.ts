/**
 * The emulator as a test sees it.
 *
 * @module
 */
import type { Latency } from './emulator-options.js'
import type { Fault, FaultOptions } from './faults.js'
import type { OperationName } from './operations.js'
import type { OnRotateOptions, RotationHandler, RotationStep } from './rotation/rotation-handler.js'
import type { RotationOutcome } from './rotation/rotation-outcome.js'
import type { RotationTrouble, RotationTroubleOptions } from './rotation/rotation-trouble.js'
import type { RequestRecord } from './request-log.js'
import type { Scene } from './scene.js'
import type { Throttle } from './throttle.js'

/** What an SDK client needs in order to talk to the emulator: `new SecretsManagerClient(emulator.clientConfig)`. */
export interface EmulatorClientConfig {
  /** The emulator's URL. */
  readonly endpoint: string
  /** The emulator's own region. */
  readonly region: string
  /** Dummies: they must be there, and nobody checks them. */
  readonly credentials: {
    /** Dummy access key id. */
    readonly accessKeyId: string
    /** Dummy secret access key. */
    readonly secretAccessKey: string
  }
}

/** Environment variables that send the SDK clients of a process, or of a child, to the emulator. */
export interface EmulatorEnv {
  /** The emulator's URL. */
  readonly AWS_ENDPOINT_URL_SECRETS_MANAGER: string
  /** The emulator's URL. */
  readonly AWS_ENDPOINT_URL_SSM: string
  /** The emulator's own region. */
  readonly AWS_REGION: string
  /** Dummy access key id. */
  readonly AWS_ACCESS_KEY_ID: string
  /** Dummy secret access key. */
  readonly AWS_SECRET_ACCESS_KEY: string
  /** Empty: a token of the machine's own does not belong to the dummy key. */
  readonly AWS_SESSION_TOKEN: string
  /** Empty: a profile of the machine's own would win over the dummy key. */
  readonly AWS_PROFILE: string
  /** Empty: a role of the machine's own does not belong to the dummy key. */
  readonly AWS_WEB_IDENTITY_TOKEN_FILE: string
  /** A file that cannot be there: settings of the machine's own are none of the test's. */
  readonly AWS_CONFIG_FILE: string
  /** A file that cannot be there: credentials of the machine's own are none of the test's. */
  readonly AWS_SHARED_CREDENTIALS_FILE: string
  /** `'false'`: otherwise the endpoint is ignored and requests go to the real AWS. */
  readonly AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: string
  /** `'false'`: it cannot be combined with an endpoint of one's own. */
  readonly AWS_USE_FIPS_ENDPOINT: string
  /** `'false'`: it cannot be combined with an endpoint of one's own. */
  readonly AWS_USE_DUALSTACK_ENDPOINT: string
}

/** Where something is set that exists once in each region. */
export interface InRegion {
  /**
   * For example `'eu-west-1'`.
   *
   * @defaultValue the emulator's own region
   */
  readonly region?: string
}

/** How {@link Emulator.rotate} starts a rotation. */
export interface RotateOptions extends InRegion {
  /**
   * Id of the new version, 32 to 64 characters. That of a rotation that failed tries it again.
   *
   * @defaultValue a random UUID
   */
  readonly token?: string
  /**
   * ARN of the rotation function.
   *
   * @defaultValue the secret's own, or else that of the handler that was registered last
   */
  readonly lambdaArn?: string
}

/**
 * A local Secrets Manager and Parameter Store that the real AWS SDK talks to over HTTP.
 *
 * It holds everything in memory, listens on 127.0.0.1 only and checks no signatures. Its values appear in answers and
 * nowhere else: not in its log, its errors or an inspection of it. Methods that script behaviour return a function that
 * takes that back. Arguments that cannot be are a `TypeError`.
 */
export interface Emulator extends AsyncDisposable {
  /** For example `http://127.0.0.1:49152`. */
  readonly url: string
  /** The emulator's own region. */
  readonly region: string
  /** What an SDK client needs in order to talk to the emulator; a new object each time. */
  readonly clientConfig: EmulatorClientConfig
  /** The same as environment variables. */
  readonly env: EmulatorEnv
  /**
   * The requests that arrived for a known operation since the start or the last {@link Emulator.clearRequests}, oldest
   * first; a copy. The newest 10 000 are kept.
   */
  readonly requests: readonly RequestRecord[]

  /** How many requests arrived, for one operation or in all; also those that were throttled or dropped. */
  count(operation?: OperationName): number
  /** Empties the log and sets the counts to 0. */
  clearRequests(): void

  /**
   * Puts secrets and parameters in place: creates them, or gives those that exist a new version.
   *
   * @throws `EmulatorError` for what AWS would refuse, for example an impossible name.
   */
  seed(scene: Scene, options?: InRegion): void
  /**
   * Runs an operation without HTTP or SDK: input and output are the wire's, with dates in epoch seconds and binary in
   * base64. It is not logged, and no fault, denial or throttle touches it.
   *
   * @throws `EmulatorError` with AWS's code, for what AWS would refuse.
   */
  call(operation: OperationName, input?: object, options?: InRegion): Record<string, unknown>

  /** Delays every answer from now on, by the emulator's clock; the operation itself runs when the request arrives. */
  setLatency(latency: Latency): void
  /** Limits the rate from now on, with full buckets; `undefined` ends the limit. */
  setThrottle(throttle: Throttle | undefined): void
  /**
   * Lets requests fail: of one operation, or of all for `'*'`.
   *
   * Of several faults that fit a request, the one that was scripted first hits. A request that a fault hits has no
   * effect, except one that is truncated.
   */
  fail(operation: OperationName | '*', fault: Fault, options?: FaultOptions): () => void
  /**
   * Denies an IAM action as AWS does, with its texts.
   *
   * `action` is for example `'secretsmanager:GetSecretValue'` or `'ssm:*'`; `'kms:Decrypt'` is the refusal of the key
   * behind a value. `resource` is a pattern with `*` and `?` for names or ARNs, by default everything. A denied
   * GetSecretValue also strikes its secret inside a batch, and one denied name fails all of GetParameters.
   */
  deny(action: string, resource?: string): () => void
  /**
   * Disables a KMS key: reading what it sealed fails with `DecryptionFailure` (Secrets Manager) or `InvalidKeyId`
   * (Parameter Store), and writing with `EncryptionFailure` or `InvalidKeyId`.
   *
   * `keyId` is an id, an alias or an ARN as secrets and parameters name it; those that name none have
   * `alias/aws/secretsmanager` and `alias/aws/ssm`.
   */
  disableKey(keyId: string): () => void

  /**
   * Registers a rotation function: RotateSecret starts a rotation that calls it as AWS does, after it has answered, with
   * `createSecret`, `setSecret`, `testSecret` and `finishSecret` one after the other, each again where it fails. With
   * `RotateImmediately: false` it calls it with `testSecret` alone, on a copy of the current version that then goes away.
   *
   * The handler talks to the emulator by an SDK client of its own, as it would to AWS. Without a handler for a secret's
   * function RotateSecret announces the pending version and leaves the rest to the test.
   */
  onRotate(handler: RotationHandler, options?: OnRotateOptions): () => void
  /**
   * Makes trouble at a step of the rotations that follow, or at all steps for `'*'`: lets attempts fail before or after
   * the function ran, asks again for a step that succeeded, holds the rotation before a step so that a test can look
   * around, or ends it there.
   */
  disturbRotation(
    step: RotationStep | '*',
    trouble: RotationTrouble,
    options?: RotationTroubleOptions,
  ): () => void
  /**
   * Rotates a secret by RotateSecret and waits for the outcome; rotation need not be configured before.
   *
   * Rejects with `TypeError` where no handler stands for the function, and with `EmulatorError` for what AWS would
   * refuse. A rotation that fails does not reject. Until it ends the process stays alive.
   */
  rotate(secretId: string, options?: RotateOptions): Promise<RotationOutcome>
  /**
   * Waits for the rotation of a secret that is under way, or else tells how the last one went. Until it ends the process
   * stays alive.
   *
   * Rejects with `TypeError` where there was none that called a handler.
   */
  rotation(secretId: string, options?: InRegion): Promise<RotationOutcome>

  /**
   * Makes the emulator as new: no secrets, parameters, faults, denials, limits, delays, rotation functions or log.
   * Rotations end.
   */
  reset(): void
  /** Stops listening, cuts all connections and ends rotations. May be called again. */
  close(): Promise<void>
}
