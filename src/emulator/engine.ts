/**
 * Decides what every request gets: a fault, a throttle, a denial, or the operation's own answer.
 *
 * @module
 */
import { setMaxListeners } from 'node:events'
import { AccessRules, openAccess, type Access, type Resource } from './access.js'
import { matchesPattern, type Place } from './arn.js'
import type { EmulatorClock } from './emulator-clock.js'
import { EmulatorError, refusal } from './emulator-error.js'
import { errorOfFault, Faults, type BodyFault } from './faults.js'
import { Input, type Wire } from './input.js'
import type { KnownOperation } from './operations.js'
import { ParameterStore } from './parameter-store/store.js'
import {
  failure,
  parseRequest,
  success,
  type HttpRequest,
  type HttpResponse,
  type ParsedRequest,
} from './protocol.js'
import { idsIn, RequestLog } from './request-log.js'
import { Rotations } from './rotation/rotations.js'
import { SecretStore } from './secrets-manager/store.js'
import type { Answer } from './server.js'
import type { TokenBuckets } from './throttle.js'

/** What one region holds. */
interface Region {
  readonly place: Place
  readonly secrets: SecretStore
  readonly parameters: ParameterStore
}

/** A response and AWS's name of the error it carries. */
interface Outcome {
  readonly response: HttpResponse
  readonly error?: string
}

/** What is sent, if anything is, and the error for the log. */
interface Decision {
  readonly answer: Answer
  readonly error?: string
}

const NO_LATENCY = () => 0

/** The state of one emulator and the way of a request through it. */
export class Engine {
  readonly log = new RequestLog()
  readonly faults = new Faults()
  readonly rules = new AccessRules()
  readonly rotations: Rotations
  latencyOf: (operation: string) => number = NO_LATENCY
  throttle: TokenBuckets | undefined
  readonly #accountId: string
  readonly #clock: EmulatorClock
  readonly #closing = new AbortController()
  readonly #regions = new Map<string, Region>()

  constructor(accountId: string, clock: EmulatorClock) {
    this.#accountId = accountId
    this.#clock = clock
    this.rotations = new Rotations(clock)
    // Every answer that is delayed listens to it.
    setMaxListeners(0, this.#closing.signal)
  }

  /** Answers one HTTP request; rejects with `EmulatorError` for what is no request to a known operation. */
  async answer(http: HttpRequest, requestId: string): Promise<Answer> {
    const request = parseRequest(http)
    const { operation, region, attempt, input } = request
    const ids = idsIn(input)
    const at = this.#clock.now()
    const { answer, error } = this.#decide(request, ids)
    this.log.add({
      at,
      requestId,
      service: operation.service,
      operation: operation.name,
      ids,
      region,
      ...(attempt !== undefined && { attempt }),
      ...('response' in answer && { status: answer.response.status }),
      ...(error !== undefined && { error }),
    })
    return (await this.#delay(operation)) ? answer : { kind: 'reset' }
  }

  /** Runs an operation outside of HTTP, with nothing denied. */
  run(operation: KnownOperation, members: Wire, region: string): Wire {
    return this.#run(operation, new Input(members), region, openAccess)
  }

  /** Tells whether a secret of that name is there. */
  hasSecret(name: string, region: string): boolean {
    return this.#region(region).secrets.find(name, this.#clock.now()) !== undefined
  }

  /** Forgets everything. */
  reset(): void {
    this.log.clear()
    this.faults.clear()
    this.rules.clear()
    this.rotations.reset()
    this.latencyOf = NO_LATENCY
    this.throttle = undefined
    this.#regions.clear()
  }

  /** Lets answers that are being delayed go without one, and ends rotations. */
  close(): void {
    this.rotations.end()
    this.#closing.abort()
  }

  #decide(request: ParsedRequest, ids: readonly string[]): Decision {
    const { operation, region } = request
    const fits = (pattern: string) =>
      this.#resources(operation, ids, region).some(({ aliases }) =>
        aliases.some((alias) => matchesPattern(pattern, alias)),
      )
    const fault = this.faults.take({ operation, ids, fits })
    if (fault === undefined) return whole(this.#perform(request, ids))
    if ('error' in fault) return whole(refused(errorOfFault(fault)))
    if ('body' in fault) return whole(rawResponse(fault))
    if (fault.drop !== 'truncate') return { answer: { kind: fault.drop } }
    const { response, ...rest } = this.#perform(request, ids)
    return { ...rest, answer: { kind: 'truncate', response } }
  }

  #perform({ operation, input, region }: ParsedRequest, ids: readonly string[]): Outcome {
    try {
      if (this.throttle?.admits(operation, region, this.#clock.now()) === false) {
        throw refusal('ThrottlingException', 'Rate exceeded')
      }
      const access = this.rules.in(this.#region(region).place)
      for (const resource of this.#authorized(operation, ids, region))
        access.authorize(operation.action, resource)
      return { response: success(this.#run(operation, input, region, access)) }
    } catch (error) {
      if (error instanceof EmulatorError) return refused(error)
      throw error
    }
  }

  #run(operation: KnownOperation, input: Input, region: string, access: Access): Wire {
    const { secrets, parameters } = this.#region(region)
    const { rotations } = this
    return operation.run({ input, secrets, parameters, access, rotations, nowMs: this.#clock.now() })
  }

  /** What the operation's own action must be allowed on; a batch of secrets answers for its items one by one. */
  #authorized(operation: KnownOperation, ids: readonly string[], region: string): readonly Resource[] {
    const isForAll = ids.length === 0 || operation.name === 'BatchGetSecretValue'
    return isForAll ? [EVERYTHING] : this.#resources(operation, ids, region)
  }

  #resources({ service }: KnownOperation, ids: readonly string[], region: string): readonly Resource[] {
    const { secrets, parameters } = this.#region(region)
    const nowMs = this.#clock.now()
    return ids.map((id) => (service === 'ssm' ? parameters.resource(id) : secrets.resource(id, nowMs)))
  }

  #region(name: string): Region {
    const known = this.#regions.get(name)
    if (known !== undefined) return known
    const place = { region: name, accountId: this.#accountId }
    const region = { place, secrets: new SecretStore(place), parameters: new ParameterStore(place) }
    this.#regions.set(name, region)
    return region
  }

  /** Waits as long as the answer is to be delayed; `false` if the emulator was closed meanwhile. */
  async #delay({ name }: KnownOperation): Promise<boolean> {
    const delayMs = this.latencyOf(name)
    if (delayMs === 0) return true
    const { signal } = this.#closing
    await this.#clock.sleep(delayMs, { signal, ref: false }).catch(() => undefined)
    return !signal.aborted
  }
}

/** The resource of actions that IAM does not tie to one. */
const EVERYTHING: Resource = { shown: '*', aliases: ['*'] }

function whole({ response, ...rest }: Outcome): Decision {
  return { ...rest, answer: { kind: 'respond', response } }
}

function refused(error: EmulatorError): Outcome {
  return { response: failure(error), error: error.code }
}

function rawResponse({ body, status = 200, headers = {} }: BodyFault): Outcome {
  return { response: { body, status, headers } }
}
