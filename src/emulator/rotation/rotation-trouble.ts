/**
 * Trouble that a test makes for rotations: which step it hits, how often, and of what kind.
 *
 * @module
 */
import { matchesPattern } from '../arn.js'
import type { RotationEvent, RotationStep } from './rotation-handler.js'

/** The attempt fails. */
export interface FailingStep {
  /**
   * `'before'`: the function does not run. `'after'`: it runs to its end, and its success is lost. `'timeout'`: it does
   * not run, and the attempt fails once the function's time is over.
   */
  readonly fail: 'before' | 'after' | 'timeout'
}

/** The step is asked for again after it has succeeded. */
export interface ReplayedStep {
  /** How many times more; a whole number of at least 1. */
  readonly replay: number
}

/** The rotation waits before each attempt of the step. */
export interface HeldStep {
  /** Is called, and what it returns is awaited; that it fails is ignored. */
  readonly hold: (event: RotationEvent) => unknown
}

/** The rotation ends before the step: with `finishSecret` the version stays pending. */
export interface StoppedStep {
  /** Always `true`. */
  readonly stop: true
}

/** What happens at a step of a rotation. */
export type RotationTrouble = FailingStep | ReplayedStep | HeldStep | StoppedStep

/** Which rotations trouble hits. */
export interface RotationTroubleOptions {
  /**
   * How many attempts it hits before it is used up; a whole number of at least 1, or `Infinity`.
   *
   * @defaultValue `Infinity`
   */
  readonly times?: number
  /**
   * Only rotations of a certain secret: a pattern with `*` and `?` for its name or ARN.
   *
   * @defaultValue every secret
   */
  readonly match?: string
}

interface Scripted {
  readonly step: RotationStep | '*'
  readonly trouble: RotationTrouble
  readonly match: string
  left: number
}

/** The trouble of one emulator, in the order in which it was scripted. */
export class RotationTroubles {
  readonly #scripted = new Set<Scripted>()

  /** Adds trouble for a step, or for `*`; the function that comes back removes it. */
  add(step: RotationStep | '*', trouble: RotationTrouble, options: RotationTroubleOptions): () => void {
    const { times = Infinity, match = '*' } = options
    const scripted: Scripted = { step, trouble, match, left: times }
    this.#scripted.add(scripted)
    return () => void this.#scripted.delete(scripted)
  }

  /** The oldest trouble of a kind that hits the step, one use of which is now spent. */
  take<Trouble extends RotationTrouble>(
    isKind: (trouble: RotationTrouble) => trouble is Trouble,
    step: RotationStep,
    aliases: readonly string[],
  ): Trouble | undefined {
    for (const scripted of this.#scripted) {
      const { trouble } = scripted
      if (!isKind(trouble) || !hits(scripted, step, aliases)) continue
      scripted.left -= 1
      if (scripted.left < 1) this.#scripted.delete(scripted)
      return trouble
    }
    return undefined
  }

  /** Removes all trouble. */
  clear(): void {
    this.#scripted.clear()
  }
}

/** Tells whether an attempt is to fail. */
export function isFailing(trouble: RotationTrouble): trouble is FailingStep {
  return 'fail' in trouble
}

/** Tells whether a step is to be asked for again. */
export function isReplayed(trouble: RotationTrouble): trouble is ReplayedStep {
  return 'replay' in trouble
}

/** Tells whether an attempt is to wait. */
export function isHeld(trouble: RotationTrouble): trouble is HeldStep {
  return 'hold' in trouble
}

/** Tells whether a rotation is to end. */
export function isStopped(trouble: RotationTrouble): trouble is StoppedStep {
  return 'stop' in trouble
}

function hits({ step, match }: Scripted, asked: RotationStep, aliases: readonly string[]): boolean {
  return (step === '*' || step === asked) && aliases.some((alias) => matchesPattern(match, alias))
}
