/** Every way in which a program may print, copy, compare or send an object that it was given. */

import assert from 'node:assert/strict'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { format, inspect } from 'node:util'
import { serialize } from 'node:v8'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'

/** Makes texts of an object. */
export type Printer = (subject: unknown) => readonly string[]

const ALL = { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null } as const

/** By name. */
export const PRINTERS: Readonly<Record<string, Printer>> = {
  inspect: (subject) => [inspect(subject, { depth: Infinity, maxStringLength: null })],
  'inspect: hidden': (subject) => [inspect(subject, { ...ALL, getters: true })],
  'inspect: raw': (subject) => [
    inspect(subject, { ...ALL, customInspect: false, showProxy: true }),
    inspect(subject, { depth: Infinity, maxStringLength: null, customInspect: false, getters: true }),
  ],
  format: (subject) => [format('%s %o %O %j %d', subject, subject, subject, subject, subject)],
  members: (subject) => membersOf(subject, { calls: false }),
  accessors: (subject) => membersOf(subject, { calls: true }),
  'JSON.stringify': (subject) => [told(() => JSON.stringify(subject)), told(() => JSON.stringify([subject]))],
  structuredClone: (subject) => copied(() => structuredClone(subject)),
  'v8.serialize': (subject) => copied(() => serialize(subject)),
  postMessage: (subject) => copied(() => sent(subject)),
  String: (subject) => [told(() => String(subject)), told(() => subject), told(() => [subject].join())],
  'assert diff': (subject) => [
    refused(() => {
      assert.deepStrictEqual(subject, { other: true })
    }),
    refused(() => {
      assert.deepEqual({ other: [subject] }, {})
    }),
    refused(() => {
      assert.strictEqual(subject, undefined)
    }),
  ],
  console: (subject) => [consoled(subject)],
}

/** Only of errors. */
export const ERROR_PRINTERS: Readonly<Record<string, Printer>> = {
  message: (error) => [memberOf(error, 'message')],
  stack: (error) => [memberOf(error, 'stack')],
  'cause chain': (error) =>
    causesOf(error).flatMap((cause) => [inspect(cause, ALL), told(() => String(cause))]),
  'wrapped by the caller': (error) => [
    inspect(new Error('wrapped', { cause: error }), ALL),
    inspect(new AggregateError([error]), ALL),
    told(() => JSON.stringify({ error })),
  ],
}

function told(print: () => unknown): string {
  try {
    return String(print())
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

function refused(check: () => void): string {
  try {
    check()
    return ''
  } catch (error) {
    return `${memberOf(error, 'message')}\n${memberOf(error, 'stack')}`
  }
}

function memberOf(target: unknown, name: string): string {
  return told(() => (typeof target === 'object' && target !== null ? Reflect.get(target, name) : target))
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  let next: unknown = error
  while (next instanceof Error && next.cause !== undefined && causes.length < 10) {
    next = next.cause
    causes.push(next)
  }
  return causes
}

function copied(copy: () => unknown): readonly string[] {
  let made: unknown
  try {
    made = copy()
  } catch (error) {
    return [memberOf(error, 'message')]
  }
  return made instanceof Uint8Array ? bytesAsText(made) : membersOf(made, { calls: true })
}

function sent(subject: unknown): unknown {
  const { port1, port2 } = new MessageChannel()
  try {
    port1.postMessage(subject)
    return receiveMessageOnPort(port2)
  } finally {
    port1.close()
  }
}

function consoled(subject: unknown): string {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk.toString())
      done()
    },
  })
  const own = new Console({ stdout: stream, stderr: stream })
  own.log(subject)
  own.error('failed:', subject)
  own.dir(subject, ALL)
  own.table([subject])
  own.trace(subject)
  return chunks.join('\n')
}

/** They have nothing of anybody's. */
const INTRINSICS: readonly unknown[] = [
  ...[Object, Function, Array, Error, Promise, Date, Map, Set, Uint8Array, Buffer],
  ...[Object, Function, Array, Error, Promise, Date, Map, Set, Uint8Array, Buffer].map((one): unknown =>
    Reflect.get(one, 'prototype'),
  ),
]

/** Names and values of every property, at any depth, hidden ones and prototypes' included. */
function membersOf(root: unknown, { calls }: { readonly calls: boolean }): readonly string[] {
  const texts: string[] = []
  const pending: unknown[] = [root]
  const seen = new Set<unknown>(INTRINSICS)
  while (pending.length > 0) {
    const node = pending.pop()
    const isObject = (typeof node === 'object' && node !== null) || typeof node === 'function'
    if (!isObject) {
      texts.push(told(() => String(node)))
      continue
    }
    if (seen.has(node)) continue
    seen.add(node)
    if (node instanceof Uint8Array) texts.push(...bytesAsText(node))
    else
      pending.push(
        Object.getPrototypeOf(node),
        ...iterated(node),
        ...(calls ? called(root, node) : valuesIn(node)),
      )
    texts.push(Reflect.ownKeys(node).map(String).join(' '))
  }
  return texts
}

function valuesIn(node: object): unknown[] {
  // By key: `Object.values` of all descriptors would leave out those under symbols.
  return Reflect.ownKeys(node).flatMap((key): unknown[] => {
    const descriptor = Reflect.getOwnPropertyDescriptor(node, key)
    return descriptor === undefined ? [] : Object.values(descriptor)
  })
}

/** What every accessor answers: of the root too, if it is inherited. `value` is there to be asked. */
function called(root: unknown, node: object): unknown[] {
  return Reflect.ownKeys(node)
    .filter((key) => key !== 'value')
    .flatMap((key): unknown[] => {
      try {
        return [Reflect.get(node, key), Reflect.get(node, key, root)]
      } catch {
        return []
      }
    })
}

function iterated(node: object): unknown[] {
  return node instanceof Map || node instanceof Set ? [...node].flat() : []
}

function bytesAsText(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes)
  return [
    ...(['utf8', 'latin1', 'utf16le'] as const).map((encoding) => buffer.toString(encoding)),
    // Copied, because Node.js 24.21 corrupts its heap when it decodes UTF-16 that is not aligned.
    Buffer.from(buffer.subarray(1)).toString('utf16le'),
  ]
}
