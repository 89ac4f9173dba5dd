/**
 * Masks what pino writes.
 *
 * @module
 */

import type { Scrubbing } from './scrubbing.js'

/** Options of pino, version 9.6 or later. */
export interface PinoScrubbing {
  /** To be merged with hooks of your own. */
  readonly hooks: {
    /** Gets each line before it is written. */
    readonly streamWrite: (line: string) => string
  }
}

const MASK = '[redacted]'
const NUMBER_UNITS = '0123456789+-.eE'

/**
 * Options for pino that mask the values of `secrets` in each line, also in those of child loggers and before a
 * transport gets them. The line stays JSON: where no text but a number or an object is masked, a text takes its place.
 *
 * @example
 * ```ts
 * const logger = pino({ level: 'info', ...pinoScrubbing(secrets) })
 * ```
 */
export function pinoScrubbing(secrets: Scrubbing): PinoScrubbing {
  return {
    hooks: {
      streamWrite: (line) => {
        const scrubbed = secrets.scrub(line)
        return scrubbed === line ? line : withQuotedMasks(scrubbed)
      },
    },
  }
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
