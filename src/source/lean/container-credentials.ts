/**
 * Credentials from the endpoint for containers, kept until they expire and renewed before that.
 *
 * @module
 */

import type { Socket } from 'node:net'
import { abortable } from '../../abortable.js'
import { type Clock, alarm } from '../../clock.js'
import { type Lease, leaseFrom } from './container-endpoint.js'
import { CredentialsFailure, type LeanCredentials, type LeanEnvironment } from './credentials.js'

/** As long as the AWS SDK waits. */
const TIMEOUT_MS = 1_000
/** Renewed when so little of their time is left, as with the AWS SDK. */
const MARGIN_MS = 300_000
/** How long credentials that are still good are left alone after an attempt to renew them. */
const PAUSE_MS = 5_000

/** Credentials that are asked for once, whoever needs them. */
export class ContainerCredentials {
  readonly #clock: Clock
  readonly #environment: LeanEnvironment
  #lease: Lease | undefined
  #asking: Asking | undefined
  /** By the monotonic clock. */
  #pausedUntil = -Infinity

  constructor(clock: Clock, environment: LeanEnvironment) {
    this.#clock = clock
    this.#environment = environment
  }

  /**
   * Credentials that have not expired. In their last five minutes new ones are asked for and not waited for.
   *
   * @param signal - ends the wait
   * @param refused - credentials that are not to be given again
   * @throws CredentialsFailure when there are none and the endpoint gives none
   */
  async get(signal: AbortSignal, refused: LeanCredentials | undefined): Promise<LeanCredentials> {
    if (this.#lease?.credentials === refused) this.#lease = undefined
    const leftMs = this.#lease === undefined ? 0 : this.#lease.expiresAt - this.#clock.now()
    if (this.#lease === undefined || leftMs <= 0) return (await this.#ask().wait(signal)).credentials
    if (leftMs < MARGIN_MS) this.#renew()
    return this.#lease.credentials
  }

  #renew(): void {
    const now = this.#clock.monotonic()
    if (now < this.#pausedUntil) return
    this.#pausedUntil = now + PAUSE_MS
    this.#ask().lease.catch(() => undefined)
  }

  #ask(): Asking {
    this.#asking ??= new Asking((onSocket) =>
      this.#leaseInTime(onSocket).finally(() => (this.#asking = undefined)),
    )
    return this.#asking
  }

  async #leaseInTime(onSocket: (socket: Socket) => void): Promise<Lease> {
    const late = new AbortController()
    const end = () => {
      late.abort()
    }
    const { signal } = late
    const disarm = alarm(this.#clock, TIMEOUT_MS, { ref: false, onDue: end, onFailure: end })
    try {
      // The file with the token may hang, too, which no signal ends.
      this.#lease = await abortable(leaseFrom(this.#environment, { signal, onSocket }), signal)
      return this.#lease
    } catch (error) {
      if (error instanceof CredentialsFailure) throw error
      throw new CredentialsFailure(signal.aborted ? 'silent' : 'unreachable')
    } finally {
      disarm()
    }
  }
}

/** One request to the endpoint. It keeps the process alive only while somebody waits for it. */
class Asking {
  readonly lease: Promise<Lease>
  #socket: Socket | undefined
  #waiting = 0

  constructor(ask: (onSocket: (socket: Socket) => void) => Promise<Lease>) {
    this.lease = ask((socket) => {
      this.#socket = socket
      if (this.#waiting === 0) socket.unref()
    })
  }

  async wait(signal: AbortSignal): Promise<Lease> {
    this.#waiting += 1
    this.#socket?.ref()
    try {
      return await abortable(this.lease, signal)
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) this.#socket?.unref()
    }
  }
}
