/**
 * Takes the place of an AWS SDK client: signs a request and sends it over Node.js's own HTTP.
 *
 * @module
 */

import type { Agent } from 'node:http'
import { abortable } from '../../abortable.js'
import type { Clock } from '../../clock.js'
import type { Service } from '../../reference/reference.js'
import { isExpired } from '../credentials.js'
import { type SdkClient, USER_AGENT } from '../sdk-client.js'
import type { Middleware, SdkCommand } from '../single-attempt.js'
import type { ServiceRequest } from '../transport.js'
import type { LeanCredentials } from './credentials.js'
import { agentFor, exchange } from './exchange.js'
import type { LeanPlan } from './plan.js'
import { serviceAnswerOf } from './service-answer.js'
import { ServiceClock } from './service-clock.js'
import { signedHeaders } from './signer.js'
import { traceHeaders } from './trace.js'

/** What a client is made with. */
export interface LeanTools {
  /** Credentials for the next request: others than those that the service has refused as expired, where there are. */
  readonly credentials: (
    signal: AbortSignal,
    refused: LeanCredentials | undefined,
  ) => Promise<LeanCredentials>
  readonly clock: Clock
  /** Where sockets come from, instead of an agent of the client's own. */
  readonly agent: Agent | undefined
}

const TARGETS: Readonly<Record<Service, string>> = { secretsmanager: 'secretsmanager', ssm: 'AmazonSSM' }

/** Far more than an answer of either service: a batch of the largest values that are accepted, in JSON. */
const MAX_BYTES = 33_554_432

/** As many as the AWS SDK opens. */
const POOL = { keepAlive: true, maxSockets: 50 }

/** A request on its way through the handlers that a caller sets around it. */
export class LeanCommand implements SdkCommand {
  readonly #request: ServiceRequest
  readonly #middlewares: Middleware[] = []

  constructor(request: ServiceRequest) {
    this.#request = request
  }

  /** Where handlers are set, as for a command of the AWS SDK. */
  readonly middlewareStack = {
    add: (middleware: Middleware): void => {
      this.#middlewares.push(middleware)
    },
  }

  /** What it asks for. */
  get request(): ServiceRequest {
    return this.#request
  }

  /** The handler, within those that were set. */
  around<Args, Result>(handler: (args: Args) => Result): (args: Args) => Result {
    return this.#middlewares.reduce((next, middleware) => middleware(next), handler)
  }
}

/** A client of one service in one region. */
export class LeanClient implements SdkClient {
  /** What is asked of any client. */
  readonly config: { readonly region: string }
  readonly #plan: LeanPlan
  readonly #tools: LeanTools
  readonly #clock: ServiceClock
  readonly #agent: Agent
  readonly #isOwnAgent: boolean
  #refused: LeanCredentials | undefined

  constructor(plan: LeanPlan, tools: LeanTools) {
    this.config = { region: plan.region }
    this.#plan = plan
    this.#tools = tools
    this.#clock = new ServiceClock(tools.clock)
    this.#agent = tools.agent ?? agentFor(plan.endpoint, POOL)
    this.#isOwnAgent = tools.agent === undefined
  }

  /** Sends a {@link LeanCommand}, once. Rejects with what failed, raw. */
  async send(command: object, options: { readonly abortSignal?: AbortSignal } = {}): Promise<object> {
    if (!(command instanceof LeanCommand)) throw new TypeError('expected a command made for this client')
    const signal = options.abortSignal ?? new AbortController().signal
    const deliver = command.around(exchange)
    const credentials = await abortable(this.#tools.credentials(signal, this.#refused), signal)
    const signedAt = this.#clock.now()
    const request = await this.#signed(command.request, credentials, signedAt)
    signal.throwIfAborted()
    const answered = await deliver({ ...request, agent: this.#agent, signal, maxBytes: MAX_BYTES })
    const isSkewed = this.#clock.learn(answered.headers.date, signedAt)
    try {
      return serviceAnswerOf(answered, isSkewed)
    } catch (error) {
      // Just these: another client may have renewed them in the meantime.
      if (isExpired(error)) this.#refused = credentials
      throw error
    }
  }

  /** Closes the sockets that it has opened. */
  destroy(): void {
    if (this.#isOwnAgent) this.#agent.destroy()
  }

  async #signed({ operation, input }: ServiceRequest, credentials: LeanCredentials, signedAt: number) {
    const { service, region, endpoint: url } = this.#plan
    const body = JSON.stringify(input)
    const unsigned = {
      'content-type': 'application/x-amz-json-1.1',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': `${USER_AGENT} lang/js md/nodejs#${process.versions.node} md/lean`,
      'x-amz-target': `${TARGETS[service]}.${operation}`,
      ...traceHeaders(process.env),
    }
    const toSign = { service, region, url, headers: unsigned, body, signedAt }
    return { method: 'POST', url, body, headers: await signedHeaders(toSign, credentials) } as const
  }
}
