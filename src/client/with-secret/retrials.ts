/**
 * Has tried again what was refused, by one of those who wait.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import type { Clock } from '../../clock.js'
import type { Item } from '../item.js'
import { type Inquiry, PAUSE_MS } from './inquiry.js'
import { Rest } from './rest.js'
import type { Trial } from './trial.js'
import type { Candidate, Versions } from './versions.js'
import type { WaitingRoom } from './waiting-room.js'

/** A trial that takes longer than this is not waited for any more. */
const PATIENCE_MS = 5_000

/** What {@link Retrials} work with. */
export interface RetrialsOptions {
  readonly clock: Clock
  readonly room: WaitingRoom
  readonly versions: Versions
  readonly inquiry: Inquiry
  /** Which of what AWS has to try again. */
  readonly isWorthTrying: (found: Cached<Item>) => boolean
  /** A trial of a version that was refused before; `undefined` is whatever is current. */
  readonly retrial: (candidate: Candidate | undefined) => Trial
  /** Is told at once of a trial by which nobody was let in. */
  readonly onFailed: () => void
  /** Resolves when somebody waits, or the search is over, at once where that is so. */
  readonly joined: (signal: AbortSignal) => Promise<void>
}

/** What became of a version: it was tried, somebody is in haste to have AWS asked first, or its answer is too old. */
type Trying = 'tried' | 'hasty' | 'old'

/** What became of all: as of one, and whether any was tried. */
export interface Tried {
  readonly isAny: boolean
  readonly isOld: boolean
}

/** The trials of one search. */
export class Retrials {
  readonly #options: RetrialsOptions
  readonly #patience: Rest
  /** Whether the last is to be tried first: it did not come to that the last time. */
  #isTurned = false
  /** Whether the moment is over for which everybody waits. */
  #isSlow = false

  constructor(options: RetrialsOptions) {
    this.#options = options
    this.#patience = new Rest(options.clock)
  }

  /** Whether one who tries is waited for. */
  get isUnderWay(): boolean {
    return this.#patience.isUnderWay
  }

  /**
   * Whether one who tries is waited for longer than somebody's window lasts, for whom AWS was not asked yet. Never in the
   * moment for which everybody waits, or whoever comes would have the others sent away.
   */
  get isTooLong(): boolean {
    return this.#isSlow && this.#options.inquiry.isInHaste(PATIENCE_MS)
  }

  /** Waits no longer for the one who tries. */
  wake(): void {
    this.#patience.wake()
  }

  /** Has each version tried in turn: a rotation may have been rolled back, or have come further. */
  async run(candidates: readonly Candidate[], signal: AbortSignal): Promise<Tried> {
    const { versions, isWorthTrying } = this.#options
    const worthy = candidates.filter(({ found }) => isWorthTrying(found))
    const releases = worthy.map(({ found }) => versions.hold(found))
    const isTurned = this.#isTurned
    if (isTurned) worthy.reverse()
    this.#isTurned = false
    let isAny = false
    try {
      // Where AWS gives no answer, what is at hand.
      for (const candidate of worthy.length > 0 ? worthy : [undefined]) {
        const trying = await this.#try(candidate, !isAny, signal)
        if (trying !== 'tried') {
          this.#isTurned = isAny !== isTurned
          return { isAny, isOld: trying === 'old' }
        }
        isAny = true
      }
      return { isAny, isOld: false }
    } finally {
      for (const release of releases) release()
    }
  }

  async #try(candidate: Candidate | undefined, isFirst: boolean, signal: AbortSignal): Promise<Trying> {
    const { inquiry, joined } = this.#options
    for (let isNow = isFirst; ; isNow = false) {
      if (signal.aborted) return 'old'
      if (!isNow && inquiry.ageMs > PATIENCE_MS) return 'old'
      if (!isNow && inquiry.isInHaste(0)) return 'hasty'
      if (await this.#lead(candidate, signal)) return 'tried'
      // Whoever tried before is back in a moment.
      await joined(signal)
    }
  }

  /** Has a version tried by one of those who wait, until that is over or takes too long. Whether there was one. */
  async #lead(candidate: Candidate | undefined, signal: AbortSignal): Promise<boolean> {
    const { room, inquiry, retrial } = this.#options
    const trial = retrial(candidate)
    if (!room.serve({ kind: 'lead', found: candidate?.found, trial })) return false
    await this.#outcome(trial, signal)
    if (!signal.aborted) room.excuse((caller) => !inquiry.isNew(caller))
    return true
  }

  /** Waits for a trial. Who cannot wait does so for a moment, too: it is made for all. */
  async #outcome(trial: Trial, signal: AbortSignal): Promise<void> {
    const { room, inquiry, onFailed } = this.#options
    let isOpen = true
    trial.onSettled = () => {
      isOpen = false
      if (signal.aborted) return
      this.wake()
      // Not later: by then whoever tried may have left, and the next one may be here.
      onFailed()
    }
    room.hold()
    const isSlow = (await this.#patience.last(PAUSE_MS, signal)) && isOpen
    if (isSlow && !signal.aborted && !inquiry.isInHaste(PATIENCE_MS)) {
      room.release()
      this.#isSlow = true
      try {
        await this.#patience.last(PATIENCE_MS - PAUSE_MS, signal)
      } finally {
        this.#isSlow = false
      }
    }
    trial.onSettled = () => undefined
  }
}
