/**
 * Looks for a version that is accepted, once for all who were turned away: asks AWS, has what is new tried at once, and
 * else waits and has it tried again.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import type { Clock } from '../../clock.js'
import type { Item } from '../item.js'
import type { Caller } from './caller.js'
import { Rest } from './rest.js'
import type { Trial } from './trial.js'
import { type Candidate, type Versions, candidatesOf } from './versions.js'
import type { Turn, WaitingRoom } from './waiting-room.js'

/** The first wait is drawn from all of [0, this), the next from twice as much. */
const BASE_MS = 250

/** No wait is longer. */
const CAP_MS = 5_000

/** A trial that takes longer than this is not waited for any more. */
const TRIAL_PATIENCE_MS = 5_000

/** Who is in haste has AWS asked sooner, though not more often than this. */
const PAUSE_MS = 250

/** What a {@link Search} works with. */
export interface SearchOptions {
  readonly clock: Clock
  /** A number from [0, 1). */
  readonly random: () => number
  readonly room: WaitingRoom
  readonly versions: Versions
  /** Whether a version was refused, as far as is known. */
  readonly isRefused: (found: Cached<Item>) => boolean
  /** Which of them to try again when it is time. */
  readonly isWorthTrying: (found: Cached<Item>) => boolean
  /** Is told of a version that was not refused; has to end the search. */
  readonly onFound: (candidate: Candidate) => void
  /** A trial of a version that was refused before; `undefined` is whatever is current. */
  readonly retrial: (candidate: Candidate | undefined) => Trial
}

/** The search for one credential. It runs while somebody waits for it, and can be taken up again. */
export class Search {
  readonly #options: SearchOptions
  /** All who wait, and the one who tries for them. */
  readonly #callers = new Set<Caller>()
  readonly #rest: Rest
  #running: AbortController | undefined
  #round = 0
  #nextTrialAt = 0
  #nextAskAt = 0
  #askedAt = -Infinity
  /** When the first window ends of those who came since. */
  #unaskedUntil = Infinity
  /** Whether nobody waits, but somebody tries for all. */
  #isIdle = false
  #onJoined: () => void = () => undefined

  constructor(options: SearchOptions) {
    this.#options = options
    this.#rest = new Rest(options.clock)
  }

  /** Waits until there is something to try, or the window of the caller is over. */
  join(caller: Caller): Promise<Turn> {
    const { clock, room } = this.#options
    const isNew = !this.#callers.has(caller)
    this.#callers.add(caller)
    const deadline = caller.deadline ?? clock.monotonic() + caller.windowMs
    if (isNew) this.#unaskedUntil = Math.min(this.#unaskedUntil, deadline)
    if (this.#running === undefined) this.#start()
    else if (this.#isIdle || (this.#rest.isUnderWay && this.#isInHaste)) {
      room.hold()
      this.#rest.wake()
    }
    const turn = room.join(caller)
    this.#onJoined()
    return turn
  }

  /** Whether anybody waits, or tries for those who do. */
  get isUsed(): boolean {
    return this.#callers.size > 0
  }

  /** A caller has what it came for, or has given up. */
  leave(caller: Caller): void {
    if (!this.#callers.delete(caller) || this.#callers.size > 0) return
    this.#stop()
    this.#onJoined()
  }

  /** The window of a caller is over. */
  giveUp(caller: Caller): Turn {
    return this.#options.room.over(caller)
  }

  /** Puts off the next trial of what was refused. */
  putOff(): void {
    const { clock, random } = this.#options
    this.#nextTrialAt = clock.monotonic() + random() * Math.min(CAP_MS, BASE_MS * 2 ** this.#round)
    this.#round += 1
  }

  /** Puts off the next question to AWS, whose last answer was of no use. */
  putOffAsking(): void {
    this.putOff()
    this.#nextAskAt = this.#nextTrialAt
  }

  /** Sends everybody on: to try what was found, or what is current. */
  end(found: Cached<Item> | undefined): void {
    // First: whoever's window has ended meanwhile still gets what was found.
    this.#options.room.serveAll({ kind: 'go', found })
    this.#stop()
  }

  /** A version is accepted: the next search begins with short waits. */
  reset(): void {
    this.#round = 0
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#options.room.close(reason)
    this.#stop()
  }

  #start(): void {
    const running = new AbortController()
    this.#running = running
    this.#run(running.signal).catch(() => {
      if (running.signal.aborted) return
      // A clock or source that fails must keep nobody waiting for ever.
      this.#stop()
      this.#options.room.dismissAll()
    })
  }

  #stop(): void {
    this.#running?.abort(null)
    this.#running = undefined
    this.#options.room.release()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, room, versions, isRefused, onFound } = this.#options
    let isDue = clock.monotonic() >= this.#nextTrialAt
    if (clock.monotonic() < this.#nextAskAt) isDue = await this.#rest.until(this.#nextAskAt, signal)
    while (!isOver(signal)) {
      room.hold()
      const candidates = await candidatesOf(versions, isRefused, signal)
      this.#askedAt = clock.monotonic()
      this.#unaskedUntil = Infinity
      if (isOver(signal)) return
      const unknown = candidates.find(({ found }) => !isRefused(found))
      if (unknown !== undefined) {
        onFound(unknown)
        return
      }
      room.release()
      const isOld = isDue && (await this.#tryAgain(candidates, signal))
      if (!isOld && !isOver(signal)) isDue = await this.#pause(signal)
      if (room.size === 0 && !isOver(signal)) await this.#joined()
    }
  }

  /** Whether what was refused may be tried again; not where somebody is in haste, for whom AWS is asked sooner. */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const { clock, room } = this.#options
    if (!this.#isInHaste && (await this.#rest.until(this.#nextTrialAt, signal))) return true
    if (signal.aborted) return false
    room.hold()
    await clock.sleep(Math.max(0, this.#askedAt + PAUSE_MS - clock.monotonic()), { signal, ref: true })
    return clock.monotonic() >= this.#nextTrialAt
  }

  /** Whether a window may end before AWS is asked for whoever has it: timers are late, though not all by as much. */
  get #isInHaste(): boolean {
    return this.#unaskedUntil <= this.#nextTrialAt + PAUSE_MS
  }

  /**
   * Has tried what was refused: a rotation may have been rolled back, or have come further. Whether nobody was there for
   * so long that it is time to ask again.
   */
  async #tryAgain(candidates: readonly Candidate[], signal: AbortSignal): Promise<boolean> {
    const { clock, room, versions, isWorthTrying } = this.#options
    const worthy = candidates.filter(({ found }) => isWorthTrying(found))
    const releases = worthy.map(({ found }) => versions.hold(found))
    try {
      // Where AWS gives no answer, what is at hand.
      for (const candidate of worthy.length > 0 ? worthy : [undefined]) {
        // Whoever tried before is back in a moment.
        if (room.size === 0) await this.#joined()
        if (isOver(signal) || clock.monotonic() > this.#askedAt + TRIAL_PATIENCE_MS) return true
        room.release()
        await this.#lead(candidate, signal)
      }
      if (!isOver(signal)) this.putOff()
      return false
    } finally {
      for (const release of releases) release()
    }
  }

  /** Has a version tried by the one who waits longest, until that is over or takes too long. */
  async #lead(candidate: Candidate | undefined, signal: AbortSignal): Promise<void> {
    const { clock, room, retrial } = this.#options
    const trial = retrial(candidate)
    const over = new AbortController()
    const end = () => {
      over.abort(null)
    }
    signal.addEventListener('abort', end, { once: true })
    trial.onSettled = end
    room.serve({ kind: 'lead', found: candidate?.found, trial })
    try {
      await clock.sleep(TRIAL_PATIENCE_MS, { signal: over.signal, ref: true })
    } catch (error) {
      if (!over.signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  /** Until somebody waits, or nobody is left. */
  #joined(): Promise<void> {
    this.#isIdle = true
    return new Promise((resolve) => {
      this.#onJoined = () => {
        this.#onJoined = () => undefined
        this.#isIdle = false
        resolve()
      }
    })
  }
}

/** Read by a function, since TypeScript does not expect a signal to change between two looks at it. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted
}
