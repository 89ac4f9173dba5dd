/**
 * Masks what pino writes.
 *
 * @module
 */

import { MASK, type Scrubbing, startScrubbing } from './scrubbing.js'

/** Options of pino, version 9.6 or later. */
export interface PinoScrubbing {
  /** To be merged with hooks of your own. */
  readonly hooks: {
    /** Gets each line before it is written. */
    readonly streamWrite: (line: string) => string
  }
}

const NUMBER_UNITS = '0123456789+-.eE'

/**
 * Options for pino that mask the values of `secrets` in each line, also in those of child loggers and before a
 * transport gets them. The line stays JSON: where no text but a number or an object is masked, a text takes its place.
 * From now on the client fingerprints what it hands out.
 *
 * @throws TypeError for anything but a client.
 *
 * @example
 * ```ts
 * const logger = pino({ level: 'info', ...pinoScrubbing(secrets) })
 * ```
 */
export function pinoScrubbing(secrets: Scrubbing): PinoScrubbing {
  startScrubbing(secrets)
  return {
    hooks: {
      streamWrite: (line) => {
        const scrubbed = secrets.scrub(line)
        return scrubbed === line ? line : asJson(withQuotedMasks(scrubbed), line, secrets)
      },
    },
  }
}

/** The masked line if it is JSON; otherwise, where a mask has swallowed a quote, as much of it as can be kept. */
function asJson(scrubbed: string, line: string, secrets: Scrubbing): string {
  const parsed = parsedJson(line)
  if (parsed === undefined || parsedJson(scrubbed) !== undefined) return scrubbed
  for (const smaller of [() => withMaskedMembers(parsed, secrets), () => levelAndTimeOf(parsed)]) {
    const rest = withQuotedMasks(secrets.scrub(`${attempted(smaller)}\n`))
    if (parsedJson(rest) !== undefined) return rest
  }
  return `{"msg":"${MASK}"}\n`
}

/** As JSON; nothing where it is too deep. */
function attempted(make: () => unknown): string {
  try {
    return JSON.stringify(make())
  } catch {
    return ''
  }
}

/** `undefined` where the text is no JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Each text, number and name masked by itself. */
function withMaskedMembers(node: unknown, secrets: Scrubbing): unknown {
  if (typeof node === 'string') return maskedText(node, secrets)
  if (typeof node === 'number') return secrets.scrub(String(node)) === String(node) ? node : MASK
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map((item) => withMaskedMembers(item, secrets))
  const members = Object.entries(node).map(([name, member]) => [
    maskedText(name, secrets),
    withMaskedMembers(member, secrets),
  ])
  return Object.fromEntries(members) as unknown
}

/** A text in which something is masked only once it is escaped is masked as a whole. */
function maskedText(text: string, secrets: Scrubbing): string {
  const scrubbed = secrets.scrub(text)
  const escaped = JSON.stringify(scrubbed)
  return secrets.scrub(escaped) === escaped ? scrubbed : MASK
}

function levelAndTimeOf(line: unknown): object {
  const members = typeof line === 'object' && line !== null ? Object.entries(line) : []
  const numbers = members.filter(
    ([name, member]) => ['level', 'time'].includes(name) && typeof member === 'number',
  )
  return { ...Object.fromEntries(numbers), msg: MASK }
}

/** Puts masks outside of texts into quotes, together with what is left of a number. */
function withQuotedMasks(line: string): string {
  let [result, isInText] = ['', false]
  for (let at = 0; at < line.length; at += 1) {
    const unit = line.charAt(at)
    if (!isInText && unit === '[' && line.startsWith(MASK, at)) {
      result = `${withoutNumber(result)}"${MASK}"`
      at = skipNumber(line, at + MASK.length) - 1
      continue
    }
    result += unit
    if (unit === '"') isInText = !isInText
    else if (unit === '\\' && isInText) result += line.charAt((at += 1))
  }
  return result
}

function withoutNumber(text: string): string {
  let end = text.length
  while (NUMBER_UNITS.includes(text.charAt(end - 1)) && end > 0) end -= 1
  return text.slice(0, end)
}

function skipNumber(line: string, start: number): number {
  let at = start
  while (at < line.length && NUMBER_UNITS.includes(line.charAt(at))) at += 1
  return at
}
