/**
 * Listens to everything that a process may tell behind the back of its callers. To be imported before the library, so
 * that each of its diagnostics channels, and those of what it is made of, is known by the time it comes to be.
 */

import { syncBuiltinESMExports } from 'node:module'
import { afterAll, beforeAll } from 'vitest'

/** What was told, by where. */
export interface Heard {
  /** Messages of diagnostics channels. */
  readonly channels: unknown[]
  /** What was written on the standard streams, and to the console. */
  readonly output: unknown[]
  /** Warnings of the process. */
  readonly warnings: unknown[]
  /** Rejections that nobody handled. */
  readonly rejections: unknown[]
}

const heard: Heard = { channels: [], output: [], warnings: [], rejections: [] }
const names = new Set<string>()
const builtin = process.getBuiltinModule('node:diagnostics_channel')
const TRACED = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const

/** Node.js's own, which hand the sockets and bodies of whatever a process does to whoever subscribes. */
const NODE =
  /^(?:tracing:)?(?:http2?|net|tls|udp|dns|undici|child_process|process|worker_threads|module|console)\b/

const { channel, tracingChannel } = builtin
Reflect.set(builtin, 'channel', (name: string) => {
  listenTo(name)
  return channel(name)
})
Reflect.set(builtin, 'tracingChannel', (name: string) => {
  for (const event of TRACED) listenTo(`tracing:${name}:${event}`)
  return tracingChannel(name)
})
syncBuiltinESMExports()

function listenTo(name: string): void {
  if (names.has(name) || NODE.test(name)) return
  names.add(name)
  builtin.subscribe(name, (message) => {
    heard.channels.push(message)
  })
}

/** Names of the diagnostics channels that have come to be. */
export function channelNames(): readonly string[] {
  return [...names]
}

/** What was told since the last time. */
export function takeHeard(): Heard {
  const { channels, output, warnings, rejections } = heard
  return {
    channels: channels.splice(0),
    output: output.splice(0),
    warnings: warnings.splice(0),
    rejections: rejections.splice(0),
  }
}

/** To be called once per file: also listens to the standard streams, the console and the process. */
export function listenToProcess(): void {
  const restore: (() => void)[] = []
  const hearWarning = (what: unknown) => heard.warnings.push(what)
  const hearRejection = (what: unknown) => heard.rejections.push(what)
  const tap = (target: object, method: string) => {
    const own: unknown = Reflect.get(target, method)
    if (typeof own !== 'function') throw new TypeError(`${method} is no method`)
    Reflect.set(target, method, (...args: unknown[]): unknown => {
      heard.output.push(...args)
      const answer: unknown = Reflect.apply(own, target, args)
      return answer
    })
    restore.push(() => {
      Reflect.set(target, method, own)
    })
  }
  beforeAll(() => {
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir']) tap(console, method)
    tap(process.stdout, 'write')
    tap(process.stderr, 'write')
    process.on('warning', hearWarning)
    process.on('unhandledRejection', hearRejection)
  })
  afterAll(() => {
    for (const undo of restore) undo()
    process.off('warning', hearWarning)
    process.off('unhandledRejection', hearRejection)
  })
}
