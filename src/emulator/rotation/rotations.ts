/**
 * The rotation functions of one emulator, and the rotations that they run.
 *
 * @module
 */
import { setMaxListeners } from 'node:events'
import type { EmulatorClock } from '../emulator-clock.js'
import type { RegisteredHandler } from './rotation-handler.js'
import type { RotationOutcome } from './rotation-outcome.js'
import { RotationRun, type RotationStart } from './rotation-run.js'
import { RotationTroubles } from './rotation-trouble.js'

interface Rotation {
  readonly token: string
  readonly outcome: Promise<RotationOutcome>
  /** Ends it where another one begins, which AWS lets happen only after a cancellation. */
  readonly ending: AbortController
  isUnderWay: boolean
}

/** What RotateSecret needs of them. */
export interface RotationStarter {
  /** Whether a handler stands for the function. */
  isHandled(lambdaArn: string): boolean
  /**
   * Starts a rotation, unless one for the same version is under way; `false` where no handler stands for the function.
   */
  begin(start: RotationStart): boolean
}

/** All of them. */
export class Rotations implements RotationStarter {
  readonly troubles = new RotationTroubles()
  readonly #clock: EmulatorClock
  readonly #handlers = new Set<RegisteredHandler>()
  /** The last one of each secret, by ARN. */
  readonly #last = new Map<string, Rotation>()
  #ending = new AbortController()

  constructor(clock: EmulatorClock) {
    this.#clock = clock
  }

  /** Adds a handler; the function that comes back removes it. */
  add(handler: RegisteredHandler): () => void {
    this.#handlers.add(handler)
    return () => void this.#handlers.delete(handler)
  }

  /** Who stands for a function: a handler of its own before one for all, the newest first. */
  handlerFor(lambdaArn: string): RegisteredHandler | undefined {
    const newestFirst = [...this.#handlers].toReversed()
    return (
      newestFirst.find((registered) => registered.lambdaArn === lambdaArn) ??
      newestFirst.find((registered) => registered.lambdaArn === undefined)
    )
  }

  /** The function that the newest handler stands for, where it stands for one only. */
  get newestArn(): string | undefined {
    return [...this.#handlers].at(-1)?.lambdaArn
  }

  isHandled(lambdaArn: string): boolean {
    return this.handlerFor(lambdaArn) !== undefined
  }

  begin(start: RotationStart): boolean {
    const registered = this.handlerFor(start.lambdaArn)
    if (registered === undefined) return false
    const { arn } = start.secret
    const last = this.#last.get(arn)
    if (last?.isUnderWay === true && last.token === start.token) return true
    last?.ending.abort()
    const ending = new AbortController()
    const signal = AbortSignal.any([this.#ending.signal, ending.signal])
    // Each step listens to it.
    setMaxListeners(0, signal)
    const surroundings = { registered, troubles: this.troubles, clock: this.#clock, signal }
    const outcome = new RotationRun(start, surroundings).outcome()
    const rotation: Rotation = { token: start.token, outcome, ending, isUnderWay: true }
    this.#last.set(arn, rotation)
    void outcome.then(() => {
      rotation.isUnderWay = false
    })
    return true
  }

  /** How the last rotation of a secret goes; `undefined` if there was none. */
  outcomeOf(arn: string): Promise<RotationOutcome> | undefined {
    return this.#last.get(arn)?.outcome
  }

  /** Ends all rotations after the step that runs. */
  end(): void {
    this.#ending.abort()
  }

  /** Ends all rotations and forgets handlers and trouble. */
  reset(): void {
    this.end()
    this.#ending = new AbortController()
    this.#handlers.clear()
    this.#last.clear()
    this.troubles.clear()
  }
}
