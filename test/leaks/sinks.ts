/** Every place at which a secret could turn up that was only read. */

import type { SecretsClient } from '../../src/index.js'
import type { Heard } from './heard.js'
import { ERROR_PRINTERS, PRINTERS, type Printer } from './printers.js'

/** What a scene leaves behind. */
export interface Evidence {
  /** What was thrown. */
  readonly errors: readonly unknown[]
  /** What `read` and `watch` gave. */
  readonly reads: readonly unknown[]
  /** What was handed out with `redacted: true`. */
  readonly boxes: readonly unknown[]
  /** What else was answered: counts, outcomes of a refresh and of a prefetch, iterators. */
  readonly results: readonly unknown[]
  /** The client, and its stream. */
  readonly clients: readonly unknown[]
  readonly events: readonly unknown[]
  readonly stats: readonly unknown[]
  readonly heard: Heard
}

/** The parts of an evidence that are objects to be printed in every way. */
const KINDS = ['errors', 'reads', 'boxes', 'results', 'clients', 'events', 'stats'] as const

/** One place. */
export interface Sink {
  readonly name: string
  /** What is to be looked at there. */
  readonly subjects: (evidence: Evidence) => readonly unknown[]
  readonly print: Printer
  /** An object that shows the text there, and maybe at other sinks. */
  readonly planted: (text: string) => unknown
  /** The evidence that has the object. */
  readonly evidence: (planted: unknown) => Evidence
}

/** Nothing. */
export const NO_EVIDENCE: Evidence = {
  errors: [],
  reads: [],
  boxes: [],
  results: [],
  clients: [],
  events: [],
  stats: [],
  heard: { channels: [], output: [], warnings: [], rejections: [] },
}

const everyWay: Printer = (subject) =>
  ['inspect: hidden', 'members', 'String'].flatMap((name) => PRINTERS[name]?.(subject) ?? [])

/** All of them. */
export const SINKS: readonly Sink[] = [
  ...KINDS.flatMap((kind) => Object.entries(PRINTERS).map(([name, print]) => sinkOf(kind, name, print))),
  ...Object.entries(ERROR_PRINTERS).map(([name, print]) => sinkOf('errors', name, print)),
  ...(['channels', 'output', 'warnings', 'rejections'] as const).map((name) => heardSink(name)),
  {
    name: 'performance entries',
    subjects: () => performance.getEntries(),
    print: (entry) => [JSON.stringify(entry)],
    planted: (text) => performance.mark(text),
    evidence: () => NO_EVIDENCE,
  },
]

function sinkOf(kind: (typeof KINDS)[number], name: string, print: Printer): Sink {
  return {
    name: `${kind}: ${name}`,
    subjects: (evidence) => evidence[kind],
    print,
    planted: (text) => PLANTS[name]?.(text) ?? new Error(text),
    evidence: (planted) => ({ ...NO_EVIDENCE, [kind]: [planted] }),
  }
}

function heardSink(name: keyof Heard): Sink {
  return {
    name: `heard: ${name}`,
    // All at once, because many messages have the same object in them.
    subjects: ({ heard }) => (heard[name].length === 0 ? [] : [heard[name]]),
    print: everyWay,
    planted: (text) => ({ text }),
    evidence: (planted) => ({ ...NO_EVIDENCE, heard: { ...NO_EVIDENCE.heard, [name]: [planted] } }),
  }
}

/** Where a text shows that is no message of an error. */
const PLANTS: Readonly<Record<string, (text: string) => unknown>> = {
  'inspect: hidden': (text) => Object.defineProperty({}, 'hidden', { value: { text } }),
  'inspect: raw': (text) => ({ [Symbol('deep')]: [{ text: [text] }] }),
  members: (text) => Object.defineProperty(new Error('x'), Symbol('hidden'), { value: [text] }),
  accessors: (text) => ({
    get text() {
      return text
    },
  }),
  'JSON.stringify': (text) => ({ toJSON: () => text }),
  format: (text) => ({ text }),
  structuredClone: (text) => ({ text }),
  postMessage: (text) => ({ text: Buffer.from(text, 'utf8') }),
  'v8.serialize': (text) => ({ text }),
  String: (text) => ({ toString: () => text }),
  'cause chain': (text) => new Error('x', { cause: new Error('y', { cause: { text } }) }),
}

/** The client as an object to be looked at. */
export function clientsOf(secrets: SecretsClient): readonly unknown[] {
  return [secrets, secrets.scrubStream()]
}
