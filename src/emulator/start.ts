/**
 * Starts an emulator.
 *
 * @module
 */
import type { Emulator, EmulatorClientConfig, EmulatorEnv, InRegion, RotateOptions } from './emulator.js'
import type { EmulatorOptions, Latency } from './emulator-options.js'
import { Engine } from './engine.js'
import type { Fault, FaultOptions } from './faults.js'
import { describe, operationNamed, type OperationName } from './operations.js'
import {
  checkAction,
  checkFault,
  checkFaultOptions,
  checkLatency,
  checkNames,
  checkOptions,
  checkRegion,
  checkText,
  checkThrottle,
} from './checks.js'
import { checkHandler, checkStep, checkTrouble, checkTroubleOptions } from './rotation/rotation-checks.js'
import type { OnRotateOptions, RotationHandler, RotationStep } from './rotation/rotation-handler.js'
import type { RotationOutcome } from './rotation/rotation-outcome.js'
import type { RotationTrouble, RotationTroubleOptions } from './rotation/rotation-trouble.js'
import type { RequestRecord } from './request-log.js'
import { setScene, type Scene } from './scene.js'
import { startServer, type RunningServer } from './server.js'
import type { Throttle } from './throttle.js'

/**
 * Starts an emulator of Secrets Manager and Parameter Store on 127.0.0.1, empty and well.
 *
 * Rejects with `TypeError` for options that cannot be, and with the system's error for a port that is taken.
 *
 * @example
 * ```ts
 * const emulator = await startEmulator()
 * emulator.seed({ secrets: { 'prod/token': 'abc' } })
 * const client = new SecretsManagerClient(emulator.clientConfig)
 * const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: 'prod/token' }))
 * await emulator.close()
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port, region, accountId, clock, keepProcessAlive } = checkOptions(options)
  const engine = new Engine(accountId, clock)
  if (options.latency !== undefined) engine.latencyOf = checkLatency(options.latency)
  if (options.throttle !== undefined) engine.throttle = checkThrottle(options.throttle)
  const server = await startServer(port, !keepProcessAlive, (request, id) => engine.answer(request, id))
  return new LocalEmulator(engine, server, region)
}

/** The SDK insists on credentials; the emulator does not look at them. */
const DUMMY_KEY = 'emulator'

/** Not there on any machine, as what is above it is a device or not there either. */
const NO_FILE = '/dev/null/none'

class LocalEmulator implements Emulator {
  readonly url: string
  readonly region: string
  readonly env: EmulatorEnv
  readonly #engine: Engine
  readonly #server: RunningServer

  constructor(engine: Engine, server: RunningServer, region: string) {
    this.#engine = engine
    this.#server = server
    this.url = `http://127.0.0.1:${server.port}`
    this.region = region
    this.env = {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: this.url,
      AWS_ENDPOINT_URL_SSM: this.url,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: DUMMY_KEY,
      AWS_SECRET_ACCESS_KEY: DUMMY_KEY,
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_WEB_IDENTITY_TOKEN_FILE: '',
      AWS_CONFIG_FILE: NO_FILE,
      AWS_SHARED_CREDENTIALS_FILE: NO_FILE,
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_USE_FIPS_ENDPOINT: 'false',
      AWS_USE_DUALSTACK_ENDPOINT: 'false',
    }
  }

  /** A new object each time, because the SDK writes into the credentials that it is given. */
  get clientConfig(): EmulatorClientConfig {
    const credentials = { accessKeyId: DUMMY_KEY, secretAccessKey: DUMMY_KEY }
    return { endpoint: this.url, region: this.region, credentials }
  }

  get requests(): readonly RequestRecord[] {
    return this.#engine.log.records()
  }

  count(operation?: OperationName): number {
    return this.#engine.log.count(operation && operationNamed(operation).name)
  }

  clearRequests(): void {
    this.#engine.log.clear()
  }

  seed(scene: Scene, options: InRegion = {}): void {
    const region = this.#regionIn(options)
    const exists = (name: string) => this.#engine.hasSecret(name, region)
    setScene(scene, exists, (operation, input) => this.#engine.run(operationNamed(operation), input, region))
  }

  call(operation: OperationName, input: object = {}, options: InRegion = {}): Record<string, unknown> {
    return this.#engine.run(operationNamed(operation), { ...input }, this.#regionIn(options))
  }

  setLatency(latency: Latency): void {
    this.#engine.latencyOf = checkLatency(latency)
  }

  setThrottle(throttle: Throttle | undefined): void {
    this.#engine.throttle = throttle && checkThrottle(throttle)
  }

  fail(operation: OperationName | '*', fault: Fault, options: FaultOptions = {}): () => void {
    checkFault(fault)
    const name = operation === '*' ? operation : operationNamed(operation).name
    return this.#engine.faults.add(name, fault, checkFaultOptions(options))
  }

  deny(action: string, resource = '*'): () => void {
    return this.#engine.rules.deny(checkAction(action), checkText('resource', resource))
  }

  disableKey(keyId: string): () => void {
    return this.#engine.rules.disableKey(checkText('keyId', keyId))
  }

  onRotate(handler: RotationHandler, options: OnRotateOptions = {}): () => void {
    return this.#engine.rotations.add(checkHandler(handler, options))
  }

  disturbRotation(
    step: RotationStep | '*',
    trouble: RotationTrouble,
    options: RotationTroubleOptions = {},
  ): () => void {
    const { troubles } = this.#engine.rotations
    return troubles.add(checkStep(step), checkTrouble(trouble), checkTroubleOptions(options))
  }

  async rotate(secretId: string, options: RotateOptions = {}): Promise<RotationOutcome> {
    checkNames('rotate', options, ['token', 'lambdaArn', 'region'])
    const { token: ClientRequestToken, lambdaArn, ...place } = options
    const described = this.call('DescribeSecret', { SecretId: secretId }, place)
    const RotationLambdaARN = lambdaArn ?? this.#functionOf(described)
    if (this.#engine.rotations.handlerFor(RotationLambdaARN) === undefined) throw noHandler(secretId)
    this.call('RotateSecret', { SecretId: secretId, ClientRequestToken, RotationLambdaARN }, place)
    return this.rotation(secretId, place)
  }

  async rotation(secretId: string, options: InRegion = {}): Promise<RotationOutcome> {
    const arn = String(this.call('DescribeSecret', { SecretId: secretId }, options)['ARN'])
    const outcome = this.#engine.rotations.outcomeOf(arn)
    if (outcome === undefined) throw noHandler(secretId)
    return this.#server.holdFor(outcome)
  }

  reset(): void {
    this.#engine.reset()
  }

  async close(): Promise<void> {
    this.#engine.close()
    await this.#server.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #functionOf({ RotationLambdaARN: configured, ARN: arn }: Record<string, unknown>): string {
    if (typeof configured === 'string') return configured
    const [, partition, , region, accountId] = String(arn).split(':')
    const named = this.#engine.rotations.newestArn
    return named ?? `arn:${partition}:lambda:${region}:${accountId}:function:rotation`
  }

  #regionIn(options: InRegion): string {
    checkNames('options', options, ['region'])
    return checkRegion(options.region ?? this.region)
  }
}

function noHandler(secretId: string): TypeError {
  return new TypeError(
    `secretId: expected a secret that a handler given to onRotate rotates; got ${describe(secretId)}`,
  )
}
