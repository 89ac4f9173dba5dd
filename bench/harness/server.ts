/**
 * The emulator in a process of its own, as benches see it.
 *
 * @module
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type {
  EmulatorClientConfig,
  Fault,
  Latency,
  OperationName,
  RequestRecord,
  Scene,
  Throttle,
} from 'aws-secrets-client/emulator'
import type { Answer, Methods, Question, RemoteFaultOptions, ServerOptions } from './server-protocol.js'

const WORKER = fileURLToPath(new URL('./server-worker.ts', import.meta.url))

/** Takes back what was scripted. */
export type Undo = () => Promise<void>

/** An emulator in another process; its methods are those of `Emulator`, and answer when the other process has. */
export class Server {
  /** Environment variables that send SDK clients of a process to it. */
  readonly env: Readonly<Record<string, string>>
  /** What an SDK client needs in order to talk to it. */
  readonly clientConfig: EmulatorClientConfig
  readonly #line: Line

  constructor(line: Line, { env, clientConfig }: ReturnType<Methods['start']>) {
    this.#line = line
    // The first keeps the SDK quiet about the end of its support for Node.js 20.
    this.env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', ...env }
    this.clientConfig = clientConfig
  }

  seed(scene: Scene): Promise<void> {
    return this.#line.ask('seed', scene)
  }

  /** Runs an operation without HTTP. */
  call(operation: OperationName, input: object): Promise<Record<string, unknown>> {
    return this.#line.ask('call', operation, input)
  }

  /** Requests that arrived since the start or the last `clearRequests`. */
  count(operation?: OperationName): Promise<number> {
    return this.#line.ask('count', operation)
  }

  /** The newest 10 000 of them; `at` is the wall clock of this machine. */
  requests(): Promise<readonly RequestRecord[]> {
    return this.#line.ask('requests')
  }

  clearRequests(): Promise<void> {
    return this.#line.ask('clearRequests')
  }

  setLatency(latency: Latency): Promise<void> {
    return this.#line.ask('setLatency', latency)
  }

  setThrottle(throttle: Throttle | undefined): Promise<void> {
    return this.#line.ask('setThrottle', throttle)
  }

  async fail(operation: OperationName | '*', fault: Fault, options: RemoteFaultOptions = {}): Promise<Undo> {
    const handle = await this.#line.ask('fail', operation, fault, options)
    return () => this.#line.ask('undo', handle)
  }

  async deny(action: string, resource = '*'): Promise<Undo> {
    const handle = await this.#line.ask('deny', action, resource)
    return () => this.#line.ask('undo', handle)
  }

  /** As new: nothing stored, scripted, limited or logged. */
  reset(): Promise<void> {
    return this.#line.ask('reset')
  }

  /** Ends its process. */
  close(): Promise<void> {
    return this.#line.close()
  }
}

/** Questions to a process, and the answers as they come. */
class Line {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer))
    child.on('exit', () => {
      for (const [id, answer] of this.#waiting) answer({ id, error: 'the emulator has ended' })
    })
  }

  async ask<Name extends keyof Methods>(
    method: Name,
    ...given: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>> {
    this.#asked += 1
    const question: Question = { id: this.#asked, method, given }
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(question.id, resolve))
    this.#child.send(question)
    const { result, error } = await answered
    this.#waiting.delete(question.id)
    if (error !== undefined) throw new Error(`${method}: ${error}`)
    // The other end is typed by the same table of methods.
    return result as ReturnType<Methods[Name]>
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}

/** Starts an emulator in a process of its own, in `eu-west-1` unless told otherwise. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  // 'advanced' sends Infinity and bytes as they are.
  const line = new Line(fork(WORKER, { serialization: 'advanced' }))
  return new Server(line, await line.ask('start', options))
}

/** Runs `work` with a server to which the SDK clients of this process, and of children, talk meanwhile. */
export async function withServer<T>(
  options: ServerOptions,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const server = await startServer(options)
  const before = { ...process.env }
  Object.assign(process.env, server.env)
  try {
    return await work(server)
  } finally {
    process.env = before
    await server.close()
  }
}
