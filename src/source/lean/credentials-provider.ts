/**
 * The credentials of this process, of the two kinds that a cloud runtime gives: in environment variables, and from an
 * endpoint for containers.
 *
 * @module
 */

import type { Clock } from '../../clock.js'
import { ContainerCredentials } from './container-credentials.js'
import { hasContainerCredentials } from './container-endpoint.js'
import {
  CredentialsFailure,
  type LeanCredentials,
  type LeanEnvironment,
  credentialsIn,
} from './credentials.js'

/** Gives credentials to sign with. */
export class LeanCredentialsProvider {
  readonly #environment: LeanEnvironment
  readonly #container: ContainerCredentials

  constructor(clock: Clock, environment: LeanEnvironment) {
    this.#environment = environment
    this.#container = new ContainerCredentials(clock, environment)
  }

  /**
   * Credentials for the next request. Variables are read anew each time, since a runtime may change them.
   *
   * @param signal - ends the wait
   * @param refused - those that the service has refused as expired
   * @throws an error named `CredentialsProviderError` when there are none
   */
  async get(signal: AbortSignal, refused?: LeanCredentials): Promise<LeanCredentials> {
    const found = credentialsIn(this.#environment)
    if (found !== undefined) return found
    if (!hasContainerCredentials(this.#environment)) throw new CredentialsFailure('gone')
    return this.#container.get(signal, refused)
  }
}
