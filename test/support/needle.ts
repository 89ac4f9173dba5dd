/** Looks for a planted secret in everything that an error could give away. */

import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { expect } from 'vitest'

/** A secret with characters that URL, JSON, pointer and base64 encodings treat differently. */
export const NEEDLE = 'NEEDLE-x7/+& é~q-hunter2-SECRET'

/** Fails when `subject`, an error as a rule, gives away `needle` or its ends, plain or encoded. */
export function expectNoNeedle(subject: unknown, needle: string): void {
  if (needle.length < 16) throw new RangeError('a needle shorter than 16 characters has no ends of its own')
  const haystack = textsOf(subject).join('\n').toLowerCase()
  const found = formsOf(needle).filter((form) => haystack.includes(form.toLowerCase()))
  expect(found, 'forms of the needle that were found').toEqual([])
}

/** The needle, its first and last eight characters, and what encodings make of it. */
export function formsOf(needle: string): readonly string[] {
  const bytes = Buffer.from(needle)
  const plain = [needle, needle.slice(0, 8), needle.slice(-8)]
  return [
    ...plain,
    ...plain.map((form) => JSON.stringify(form).slice(1, -1)),
    ...plain.map(encodeURIComponent),
    bytes.toString('hex'),
    // Inside a longer text the needle may start at any of three alignments; the ends mix with the neighbours.
    ...[0, 1, 2].map((skip) =>
      Buffer.concat([Buffer.alloc(skip), bytes])
        .toString('base64')
        .slice(4, -4),
    ),
  ]
}

/** Every text that logging, printing, cloning or serialising `subject` could show. */
export function textsOf(subject: unknown): readonly string[] {
  return [
    inspect(subject, { depth: Infinity, showHidden: true, getters: true, maxStringLength: null }),
    String(attempt(() => String(subject))),
    String(attempt(() => JSON.stringify(subject))),
    ...membersOf(subject),
    ...membersOf(attempt(() => structuredClone(subject))),
    ...bytesAsText(attempt(() => serialize(subject))),
  ]
}

function membersOf(root: unknown): string[] {
  const texts: string[] = []
  const pending: unknown[] = [root]
  const seen = new Set<unknown>()
  while (pending.length > 0) {
    const node = pending.pop()
    texts.push(...(node instanceof Uint8Array ? bytesAsText(node) : [String(attempt(() => String(node)))]))
    if ((typeof node !== 'object' && typeof node !== 'function') || node === null || seen.has(node)) continue
    seen.add(node)
    pending.push(Object.getPrototypeOf(node), ...iterated(node))
    for (const key of Reflect.ownKeys(node)) {
      texts.push(String(key))
      pending.push(attempt((): unknown => Reflect.get(node, key)))
    }
  }
  return texts
}

function iterated(node: object): unknown[] {
  return node instanceof Map || node instanceof Set ? [...node].flat() : []
}

function bytesAsText(bytes: unknown): string[] {
  if (!(bytes instanceof Uint8Array)) return []
  const buffer = Buffer.from(bytes)
  return [
    ...(['utf8', 'latin1', 'utf16le'] as const).map((encoding) => buffer.toString(encoding)),
    // Two bytes per character may start at an odd position. Copied, because Node.js 24.21 corrupts its heap
    // when it decodes UTF-16 that is not aligned.
    Buffer.from(buffer.subarray(1)).toString('utf16le'),
  ]
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
