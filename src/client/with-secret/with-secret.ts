/**
 * Runs work with a secret, and runs it again with another version where the first is refused.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'
import { type Cached, randomFraction } from '../../cache/store.js'
import type { Clock } from '../../clock.js'
import { isSecretsError } from '../../errors.js'
import type { Observer } from '../../observe/observer.js'
import type { ResolvedReadOptions } from '../../options/read-options.js'
import type { Reference } from '../../reference/reference.js'
import { type Caller as Asker, forCaller } from '../caller.js'
import type { Item } from '../item.js'
import { isAbort, isDecodeFailure } from '../read-out.js'
import type { SecretRead } from '../secret-read.js'
import { type Attempt, attempted } from './attempt.js'
import type { Caller } from './caller.js'
import { Credential } from './credential.js'
import { type CredentialReader, type Opened, open } from './opening.js'
import { steadyClock } from './steady-clock.js'
import { type Trial, UNKNOWN } from './trial.js'
import { type Versions, pendingOf, versionKey } from './versions.js'
import type { Lead, Turn } from './waiting-room.js'

/** Work with a secret, checked and complete. */
export interface Work {
  readonly reference: Reference
  readonly how: ResolvedReadOptions
  readonly isRejected: (error: unknown) => unknown
  readonly isPending: boolean
  readonly windowMs: number
  readonly use: (value: unknown, read: SecretRead<unknown>) => unknown
  /** What is current, where it is cached. */
  readonly cached: Cached<Item> | undefined
  readonly asker: Asker
}

/** What {@link WithSecret} works with. */
export interface WithSecretOptions {
  readonly clock: Clock
  readonly signals: SharedSignals
  readonly observer: Observer
  readonly reader: CredentialReader
  /** Aborts when the client is closed. */
  readonly closing: AbortSignal
  /** How many credentials are remembered of which nothing is known but that they work. */
  readonly maxEntries: number
}

/** All work of one client. */
export class WithSecret {
  readonly #options: WithSecretOptions
  readonly #credentials = new Map<string, Credential>()

  constructor(options: WithSecretOptions) {
    // A clock of the user's may fail; what has succeeded must not be lost by that.
    this.#options = { ...options, clock: steadyClock(options.clock) }
  }

  /** What `use` makes of a version that is not refused; else throws what it failed with last. */
  async run(work: Work): Promise<unknown> {
    const credential = this.#credentialOf(work)
    const { signal } = work.how
    const caller: Caller = {
      signal,
      windowMs: work.windowMs,
      deadline: undefined,
      rejection: undefined,
      failure: undefined,
      isServed: false,
      isApart: false,
    }
    let { cached } = work
    credential.enter()
    try {
      for (;;) {
        const turn = await this.#turn(credential, caller, work)
        // As it is: it is the database's error, not ours.
        if (turn.kind === 'over') throw turn.error
        // What was cached when the caller came may be long gone after a wait.
        const isNow = caller.deadline === undefined && cached !== undefined
        const found = turn.found ?? (isNow ? credential.served(cached) : undefined)
        cached = undefined
        const attempt = await (turn.kind === 'lead'
          ? this.#lead(work, credential, caller, turn)
          : this.#try(work, credential, caller, found))
        if (attempt !== undefined && 'result' in attempt) return attempt.result
      }
    } finally {
      credential.leave(caller)
    }
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    for (const credential of this.#credentials.values()) credential.close(reason)
    this.#credentials.clear()
  }

  async #turn(credential: Credential, caller: Caller, { asker }: Work): Promise<Turn> {
    const { closing } = this.#options
    if (closing.aborted) return forCaller(Promise.reject<Turn>(closing.reason), asker)
    const turn = credential.turn(caller)
    return turn instanceof Promise ? forCaller(turn, asker) : turn
  }

  /** Tries for all who wait; `undefined` where AWS has nothing to try, which prolongs the wait. */
  async #lead(
    work: Work,
    credential: Credential,
    caller: Caller,
    { found, trial }: Lead,
  ): Promise<Attempt | undefined> {
    let opened: Opened | undefined
    try {
      opened = await this.#readOrWait(work, credential, caller, found)
    } finally {
      if (opened === undefined) trial.settle(UNKNOWN)
    }
    if (opened === undefined) return undefined
    const { read, found: tried } = opened
    trial.about(versionKey(read), read, caller)
    if (tried !== undefined) trial.hold(tried, this.#options.reader.hold(tried))
    return this.#use(work, read, trial)
  }

  /** Tries what was found, or else what is current, as soon as it may be tried. */
  async #try(
    work: Work,
    credential: Credential,
    caller: Caller,
    found: Cached<Item> | undefined,
  ): Promise<Attempt | undefined> {
    const opened = await this.#readOrWait(work, credential, caller, found)
    if (opened === undefined) return undefined
    const { read } = opened
    const begun = credential.begin(versionKey(read), read, caller)
    const trial = begun instanceof Promise ? await forCaller(begun, work.asker) : begun
    return trial && this.#use(work, read, trial)
  }

  /** What is to be tried; `undefined` where AWS fails while the caller waits: that prolongs the wait. */
  async #readOrWait(
    work: Work,
    credential: Credential,
    caller: Caller,
    found: Cached<Item> | undefined,
  ): Promise<Opened | undefined> {
    try {
      return await forCaller(open(this.#options.reader, credential, work, found), work.asker)
    } catch (error) {
      const isOfAws = isSecretsError(error) && !isDecodeFailure(error) && !isAbort(error, work.how.signal)
      if (!isOfAws || caller.deadline === undefined) throw error
      // Where there is a pause before AWS is asked again.
      caller.isApart = true
      caller.failure = error
      return undefined
    }
  }

  async #use(work: Work, read: SecretRead<unknown>, trial: Trial): Promise<Attempt> {
    const { how, use, isRejected } = work
    if (how.signal?.aborted === true) {
      trial.settle(UNKNOWN)
      throw how.signal.reason
    }
    // Also where nobody waits for it any more: others learn from it.
    const attempt = attempted(() => use(read.value, read), isRejected, trial)
    return how.signal === undefined ? attempt : this.#options.signals.abortable(attempt, how.signal)
  }

  /** One for each value, however it is called; apart for those who take a pending version, and those who do not. */
  #credentialOf({ reference, isPending }: Work): Credential {
    const { reader } = this.#options
    const keyOf = (key: string) => `${isPending ? 'pending' : 'current'} ${key}`
    const home = keyOf(reader.homeOf(reference.key))
    const known = this.#credentials.get(home)
    if (known !== undefined) return known
    this.#prune()
    // The value may have had no other name yet when it was read first.
    const credential =
      this.#credentials.get(keyOf(reference.key)) ?? this.#newCredential(reference, isPending)
    this.#credentials.set(home, credential)
    return credential
  }

  #newCredential(reference: Reference, isPending: boolean): Credential {
    const { reader, observer } = this.#options
    return new Credential({
      ...this.#options,
      random: randomFraction,
      versions: versionsOf(reference, isPending, reader),
      report: observer.credential(reference.key),
    })
  }

  #prune(): void {
    if (this.#credentials.size < 2 * this.#options.maxEntries) return
    for (const [key, credential] of this.#credentials) {
      if (credential.isUsed) continue
      this.#credentials.delete(key)
      credential.drop()
      return
    }
  }
}

function versionsOf(reference: Reference, isPending: boolean, reader: CredentialReader): Versions {
  return {
    refreshed: (signal) => reader.reload(reference, signal),
    ...(isPending && { pending: (signal: AbortSignal) => reader.reload(pendingOf(reference), signal) }),
    hold: (found) => reader.hold(found),
  }
}
