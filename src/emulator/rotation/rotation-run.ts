/**
 * One rotation from its first step to its end: attempts, rounds, and the trouble that a test makes.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import { nextTurn, type EmulatorClock } from '../emulator-clock.js'
import type { Secret } from '../secrets-manager/secret.js'
import { ROTATION_STEPS, type RegisteredHandler, type RotationStep } from './rotation-handler.js'
import { errorFacts, type RotationInvocation, type RotationOutcome } from './rotation-outcome.js'
import {
  isFailing,
  isHeld,
  isReplayed,
  isStopped,
  type RotationTrouble,
  type RotationTroubles,
} from './rotation-trouble.js'

/** What a rotation is made of. */
export interface RotationStart {
  readonly secret: Secret
  /** Id of the version that is pending. */
  readonly token: string
  /** ARN of the function. */
  readonly lambdaArn: string
  /** Whether only the configuration is to be tested: by `testSecret`, on a version that is removed afterwards. */
  readonly isTest: boolean
}

/** Where a rotation runs. */
export interface RotationSurroundings {
  readonly registered: RegisteredHandler
  readonly troubles: RotationTroubles
  readonly clock: EmulatorClock
  /** Ends the rotation. */
  readonly signal: AbortSignal
}

/** Source: RotateImmediately, RotateSecret, Secrets Manager API Reference. */
const TEST_STEPS: readonly RotationStep[] = ['testSecret']

type State = RotationOutcome['state']
type Failure = Pick<RotationInvocation, 'error' | 'code'>

const SCRIPTED: Failure = { error: 'Scripted' }
/** Source: the `errorType` that Lambda reports. */
const TIMED_OUT: Failure = { error: 'Sandbox.Timedout' }

/** A rotation under way. */
export class RotationRun {
  readonly #start: RotationStart
  readonly #in: RotationSurroundings
  readonly #rotationToken = randomUUID()
  readonly #invocations: RotationInvocation[] = []

  constructor(start: RotationStart, surroundings: RotationSurroundings) {
    this.#start = start
    this.#in = surroundings
  }

  /** Runs it to its end; never rejects. */
  async outcome(): Promise<RotationOutcome> {
    const { secret, token, isTest } = this.#start
    // RotateSecret answers before the function runs.
    await nextTurn()
    const state = await this.#rounds()
    if (isTest && state !== 'stopped') this.#removeVersion()
    if (state === 'succeeded') this.#noteSuccess()
    return { secretId: secret.arn, versionId: token, state, invocations: Object.freeze(this.#invocations) }
  }

  async #rounds(): Promise<State> {
    const { rounds } = this.#in.registered
    for (let round = 1; ; round += 1) {
      const state = await this.#round(round)
      if (state !== 'failed' || round >= rounds) return state
      await this.#pause()
    }
  }

  async #round(round: number): Promise<State> {
    const { secret, token, isTest } = this.#start
    for (const step of isTest ? TEST_STEPS : ROTATION_STEPS) {
      const end = await this.#step(step, round)
      if (end !== undefined) return end
    }
    if (isTest) return 'tested'
    return secret.stages.get('AWSCURRENT') === token ? 'succeeded' : 'failed'
  }

  /** The state in which the rotation ends with this step; `undefined` where it goes on. */
  async #step(step: RotationStep, round: number): Promise<State | undefined> {
    const { attempts } = this.#in.registered
    for (let attempt = 1; ; attempt += 1) {
      await this.#hold(step)
      if (this.#isCancelled()) return 'cancelled'
      if (this.#take(isStopped, step) !== undefined) return 'stopped'
      const isDone = await this.#invoke({ step, round, attempt, replay: false })
      if (isDone) return this.#replay(step, round, attempt)
      if (this.#isCancelled()) return 'cancelled'
      if (attempt >= attempts) return 'failed'
      await this.#pause()
    }
  }

  async #replay(step: RotationStep, round: number, attempt: number): Promise<State | undefined> {
    const { replay } = this.#take(isReplayed, step) ?? { replay: 0 }
    for (let left = replay; left > 0; left -= 1) {
      if (this.#isCancelled()) return 'cancelled'
      if (!(await this.#invoke({ step, round, attempt, replay: true }))) return 'failed'
    }
    return this.#isCancelled() ? 'cancelled' : undefined
  }

  async #invoke(invocation: RotationInvocation): Promise<boolean> {
    const failing = invocation.replay ? undefined : this.#take(isFailing, invocation.step)
    const failure = await this.#failureOf(invocation.step, failing?.fail)
    this.#invocations.push(Object.freeze({ ...invocation, ...failure }))
    return failure === undefined
  }

  async #failureOf(
    step: RotationStep,
    scripted: 'before' | 'after' | 'timeout' | undefined,
  ): Promise<Failure | undefined> {
    if (scripted === 'before') return SCRIPTED
    if (scripted === 'timeout') return this.#timeout(this.#in.signal)
    const failure = await this.#call(step)
    return scripted === 'after' ? (failure ?? SCRIPTED) : failure
  }

  /** Runs the function; what it still does after its time is over is its own affair. */
  async #call(step: RotationStep): Promise<Failure | undefined> {
    const settled = new AbortController()
    const run = async () => {
      try {
        await this.#in.registered.handler(this.#event(step), this.#context())
        return undefined
      } catch (error) {
        return errorFacts(error)
      }
    }
    const signal = AbortSignal.any([this.#in.signal, settled.signal])
    const failure = await Promise.race([run(), this.#timeout(signal)])
    settled.abort()
    return failure
  }

  async #timeout(signal: AbortSignal): Promise<Failure> {
    await this.#sleep(this.#in.registered.timeoutMs, signal)
    return TIMED_OUT
  }

  async #hold(step: RotationStep): Promise<void> {
    if (this.#isCancelled()) return
    const held = this.#take(isHeld, step)
    if (held === undefined) return
    const ended = new Promise<void>((resolve) => {
      this.#in.signal.addEventListener('abort', () => {
        resolve()
      })
    })
    const holding = Promise.resolve(this.#event(step)).then(held.hold)
    await Promise.race([holding.catch(() => undefined), ended])
  }

  #event(step: RotationStep) {
    const { secret, token } = this.#start
    return {
      Step: step,
      SecretId: secret.arn,
      ClientRequestToken: token,
      RotationToken: this.#rotationToken,
    }
  }

  #context() {
    const { clock, registered } = this.#in
    const { lambdaArn } = this.#start
    const endsAt = clock.now() + registered.timeoutMs
    return {
      awsRequestId: randomUUID(),
      functionName: lambdaArn.slice(lambdaArn.lastIndexOf(':') + 1),
      invokedFunctionArn: lambdaArn,
      getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()),
    }
  }

  #take<Trouble extends RotationTrouble>(
    isKind: (trouble: RotationTrouble) => trouble is Trouble,
    step: RotationStep,
  ): Trouble | undefined {
    const { name, arn } = this.#start.secret
    return this.#in.troubles.take(isKind, step, [name, arn])
  }

  #isCancelled(): boolean {
    return this.#in.signal.aborted || this.#start.secret.details.rotation?.enabled !== true
  }

  async #pause(): Promise<void> {
    const { retryDelayMs } = this.#in.registered
    if (retryDelayMs > 0) await this.#sleep(retryDelayMs, this.#in.signal)
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await this.#in.clock.sleep(ms, { signal, ref: false }).catch(() => undefined)
  }

  /** Takes the pending version of a test away, unless the function has made something else of it. */
  #removeVersion(): void {
    const { secret, token } = this.#start
    if (secret.stages.get('AWSPENDING') === token) secret.stages.delete('AWSPENDING')
    if (![...secret.stages.values()].includes(token)) secret.versions.delete(token)
  }

  #noteSuccess(): void {
    const { secret } = this.#start
    const { rotation } = secret.details
    if (rotation === undefined) return
    const rotatedAtMs = this.#in.clock.now()
    secret.details = { ...secret.details, rotation: { ...rotation, rotatedAtMs } }
  }
}
