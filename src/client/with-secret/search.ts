/**
 * Looks for a version that is accepted, once for all who were turned away: asks AWS, has what is new tried at once, and
 * else waits and has it tried again.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import type { Clock } from '../../clock.js'
import type { Item } from '../item.js'
import { BackOff } from './back-off.js'
import type { Caller } from './caller.js'
import { Inquiry } from './inquiry.js'
import { Rest } from './rest.js'
import { Retrials } from './retrials.js'
import type { Trial } from './trial.js'
import type { Candidate, Versions } from './versions.js'
import type { Turn, WaitingRoom } from './waiting-room.js'

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
  readonly #inquiry: Inquiry
  readonly #retrials: Retrials
  readonly #backOff: BackOff
  readonly #rest: Rest
  #running: AbortController | undefined
  /** Whether that was done since what was refused was tried. */
  #isPutOff = false
  /** Whether AWS is not to be asked before the next trial either. */
  #isAskingPutOff = false
  #onJoined: () => void = () => undefined

  constructor(options: SearchOptions) {
    this.#options = options
    const inquiry = new Inquiry(options)
    this.#inquiry = inquiry
    const onFailed = () => {
      this.#failed()
    }
    this.#retrials = new Retrials({ ...options, inquiry, onFailed, joined: (signal) => this.#joined(signal) })
    this.#backOff = new BackOff(options)
    this.#rest = new Rest(options.clock)
  }

  /** Waits until there is something to try, or the window of the caller is over. */
  join(caller: Caller): Promise<Turn> {
    const { clock, room } = this.#options
    const deadline = caller.deadline ?? clock.monotonic() + caller.windowMs
    if (!this.#callers.has(caller)) this.#inquiry.add(caller, deadline)
    this.#callers.add(caller)
    if (this.#running === undefined) this.#start()
    else if (!this.#isAsleep || this.#isLate) {
      room.hold()
      this.#rest.wake()
      this.#retrials.wake()
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
    this.#inquiry.delete(caller)
    if (this.#callers.delete(caller) && this.#callers.size === 0) this.#stop()
  }

  /** The window of a caller is over. */
  giveUp(caller: Caller): Turn {
    return this.#options.room.over(caller)
  }

  /** Puts off the next trial of what was refused. */
  putOff(): void {
    this.#backOff.putOff()
  }

  /** Puts off the next question to AWS, whose last answer, now, was of no use. */
  putOffAsking(): void {
    this.putOff()
    this.#inquiry.noteAnswer()
    this.#isAskingPutOff = true
  }

  /** Sends everybody on: to try what was found, or what is current. */
  end(found: Cached<Item> | undefined): void {
    // First: whoever's window has ended meanwhile still gets what was found.
    this.#options.room.serveAll({ kind: 'go', found })
    this.#isAskingPutOff = false
    this.#stop()
  }

  /** A version is accepted: the next search begins with short waits. */
  reset(): void {
    this.#backOff.reset()
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
    // Or what is held for a trial would be held until somebody comes.
    this.#onJoined()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { room, isRefused, onFound } = this.#options
    let isDue = this.#backOff.isOver
    if (this.#isAskingPutOff && !isDue) isDue = await this.#pause(signal)
    while (!isOver(signal)) {
      const candidates = await this.#ask(signal)
      if (isOver(signal)) return
      const unknown = candidates.find(({ found }) => !isRefused(found))
      if (unknown !== undefined) {
        onFound(unknown)
        return
      }
      const isOld = isDue && (await this.#tryAgain(candidates, signal))
      if (!isDue) room.release()
      if (!isOld && !isOver(signal)) isDue = await this.#pause(signal)
      await this.#joined(signal)
    }
  }

  /** What AWS has now. Lets nobody go meanwhile. */
  async #ask(signal: AbortSignal): Promise<readonly Candidate[]> {
    this.#options.room.hold()
    const candidates = await this.#inquiry.ask(signal)
    if (!isOver(signal)) this.#isAskingPutOff = false
    return candidates
  }

  /** Has tried what was refused. Whether that took so long that it is time to ask again. */
  async #tryAgain(candidates: readonly Candidate[], signal: AbortSignal): Promise<boolean> {
    this.#isPutOff = false
    const { isAny, isOld } = await this.#retrials.run(candidates, signal)
    if (isAny && !isOld && !isOver(signal)) this.#failed()
    return isOld
  }

  /** Puts off the next trial once for all that failed together, counted from the last. */
  #failed(): void {
    if (this.#isPutOff) this.#backOff.restart()
    else this.putOff()
    this.#isPutOff = true
  }

  /** Whether what was refused may be tried again; not where somebody is in haste, for whom AWS is asked sooner. */
  async #pause(signal: AbortSignal): Promise<boolean> {
    const { clock, room } = this.#options
    if (!this.#inquiry.isInHaste(this.#backOff.leftMs)) {
      room.release()
      if (await this.#rest.last(this.#backOff.leftMs, signal)) return true
      if (isOver(signal)) return false
    }
    room.hold()
    await clock.sleep(this.#inquiry.pauseMs, { signal, ref: true })
    return this.#backOff.isOver
  }

  /** Whether it waits for what somebody in haste cannot wait for: not for AWS. */
  get #isAsleep(): boolean {
    return this.#rest.isUnderWay || this.#retrials.isUnderWay
  }

  /** Whether what the search waits for comes too late for somebody, or is over though its timer does not know: thawed. */
  get #isLate(): boolean {
    if (!this.#rest.isUnderWay) return this.#retrials.isTooLong
    return this.#backOff.isOver || this.#inquiry.isInHaste(this.#backOff.leftMs)
  }

  /** Until somebody waits, or the search is over: either may have come to be since the room was found empty. */
  async #joined(signal: AbortSignal): Promise<void> {
    if (isOver(signal) || this.#options.room.size > 0) return
    await new Promise<void>((resolve) => {
      this.#onJoined = () => {
        this.#onJoined = () => undefined
        resolve()
      }
    })
  }
}

/** Read by a function, since TypeScript does not expect a signal to change between two looks at it. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted
}
