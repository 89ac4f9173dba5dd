import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { pinoScrubbing } from '../../src/integration/pino.js'
import { Scrubber } from '../../src/redact/scrubber.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const MASK = '[redacted]'
const DOCUMENT = { username: 'app', password: NEEDLE, pin: 1_234_567_890 }
const PEM = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(4)}-----END KEY-----\n`

/** A logger that writes to memory; `lines` are what it wrote, parsed. */
function loggerFor(...values: readonly unknown[]) {
  const scrubber = new Scrubber()
  for (const value of values) scrubber.add(value)
  const written: string[] = []
  const sink = { write: (line: string) => void written.push(line) }
  const logger = pino({ base: null, timestamp: false, ...pinoScrubbing(scrubber) }, sink)
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { logger, written, lines }
}

describe('pino writes no value', () => {
  test('in a message, a nested object or a list', () => {
    const { logger, lines } = loggerFor(DOCUMENT)
    logger.info(`connecting with ${NEEDLE}`)
    logger.info({ db: { options: { password: NEEDLE } }, list: [NEEDLE] }, 'with %s', NEEDLE)
    expect(lines()).toEqual([
      { level: 30, msg: `connecting with ${MASK}` },
      { level: 30, db: { options: { password: MASK } }, list: [MASK], msg: `with ${MASK}` },
    ])
  })

  test('in the message and the stack of an error, and of its cause', () => {
    const { logger, written, lines } = loggerFor(DOCUMENT)
    logger.error(new Error(`no access with ${NEEDLE}`, { cause: new Error(NEEDLE) }))
    expectNoNeedle(written, NEEDLE)
    expect(lines()).toMatchObject([{ level: 50, err: { type: 'Error' }, msg: `no access with ${MASK}` }])
  })

  test('by a child logger, in its bindings and in its lines', () => {
    const { logger, lines } = loggerFor(DOCUMENT)
    logger.child({ token: NEEDLE }).child({ service: 'x' }).warn({ again: NEEDLE })
    expect(lines()).toEqual([{ level: 40, token: MASK, service: 'x', again: MASK }])
  })

  test('of several lines', () => {
    const { logger, written, lines } = loggerFor(PEM)
    logger.info({ key: PEM, text: JSON.stringify({ key: PEM }) })
    expect(written.join('')).not.toContain('MIIE')
    expect(lines()).toEqual([{ level: 30, key: `${MASK}\n`, text: `{"key":"${MASK}\\n"}` }])
  })
})

describe('a line stays JSON', () => {
  test('where a number is masked, also in the middle of a longer one', () => {
    const { logger, lines } = loggerFor(DOCUMENT)
    logger.info({ pin: 1_234_567_890, list: [1_234_567_890, -12_345_678_901.5], next: 1 }, 'is 1234567890')
    expect(lines()).toEqual([{ level: 30, pin: MASK, list: [MASK, MASK], next: 1, msg: `is ${MASK}` }])
  })

  test('where a whole document is masked', () => {
    const { logger, lines } = loggerFor(JSON.stringify(DOCUMENT))
    logger.info({ db: DOCUMENT, text: `"${MASK}" \\ ${NEEDLE}` }, JSON.stringify(DOCUMENT))
    expect(lines()).toEqual([{ level: 30, db: MASK, text: `"${MASK}" \\ ${MASK}`, msg: MASK }])
  })
})

describe('a line stays JSON, and has no value,', () => {
  /** What becomes of a line, parsed. */
  function rewritten(line: string, ...values: readonly unknown[]): unknown {
    const scrubber = new Scrubber()
    for (const value of values) scrubber.add(value)
    const written = pinoScrubbing(scrubber).hooks.streamWrite(line)
    expect(written.endsWith('}\n')).toBe(true)
    expect(values.filter((value) => typeof value === 'string' && written.includes(value))).toEqual([])
    return JSON.parse(written)
  }

  test('where a mask begins inside an escape', () => {
    const line = `${JSON.stringify({ level: 30, n: 12, list: [true], a: '\n12345678', msg: 'kept' })}\n`
    expect(rewritten(line, 'n12345678')).toEqual({ level: 30, n: 12, list: [true], a: MASK, msg: 'kept' })
  })

  test('where a mask swallows quotes', () => {
    const line = '{"level":30,"a":"b","level":30,"time":17,"msg":"hello"}\n'
    expect(rewritten(line, '","level":30,"time":17')).toEqual({ level: 30, a: 'b', time: 17, msg: 'hello' })
    const structure = '{"level":30,"time":1,"a":"b","c":1}\n'
    expect(rewritten(structure, '1,"a":"b","c')).toEqual({ level: 30, time: 1, msg: MASK })
    expect(rewritten('{"level":30,"time":1,"msg":"hello"}\n', '{"level":30,"time')).toEqual({ msg: MASK })
  })

  test('in the name of a member', () => {
    const line = `${JSON.stringify({ level: 30, '\n12345678': { '-abcdefgh-': 12_345_678 }, b: [null] })}\n`
    expect(rewritten(line, 'n12345678', 'abcdefgh')).toEqual({
      level: 30,
      [MASK]: { [`-${MASK}-`]: 12_345_678 },
      b: [null],
    })
  })

  test('where it is too deep to be kept', () => {
    const deep = `${'['.repeat(20_000)}"\\n12345678"${']'.repeat(20_000)}`
    expect(rewritten(`{"level":30,"time":1,"deep":${deep}}\n`, 'n12345678')).toEqual({
      level: 30,
      time: 1,
      msg: MASK,
    })
  })

  test('of any values and members', { timeout: 20_000 }, () => {
    const unit = fc.constantFrom(...'ab\n"\\\'é😀 1:,{}'.split(/(?:)/u))
    const text = (minLength: number) =>
      fc.array(unit, { minLength, maxLength: 30 }).map((units) => units.join('').toWellFormed())
    fc.assert(
      fc.property(
        fc.array(text(8), { minLength: 1, maxLength: 4 }),
        fc.array(text(0), { maxLength: 4 }),
        (values, others) => {
          const line = `${JSON.stringify({ level: 30, a: values[0], [others[0] ?? '']: [...others, ...values] })}\n`
          const scrubber = new Scrubber()
          for (const value of values) scrubber.add(value)
          const written = pinoScrubbing(scrubber).hooks.streamWrite(line)
          expect(JSON.parse(written)).toBeTypeOf('object')
          expect(scrubber.scrub(written)).toBe(written)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

test('a line that is no JSON is masked all the same', () => {
  const scrubber = new Scrubber()
  scrubber.add(NEEDLE)
  expect(pinoScrubbing(scrubber).hooks.streamWrite(`is ${NEEDLE}\n`)).toBe(`is "${MASK}"\n`)
})

test('bytes are written by no logger', () => {
  const key = Uint8Array.from({ length: 200 }, (_, at) => (at * 37 + 200) % 256)
  const { logger, lines } = loggerFor({ key })
  logger.info({ key, more: { list: [key], buffer: Buffer.from(key) } })
  expect(lines()).toEqual([
    { level: 30, key: MASK, more: { list: [MASK], buffer: { type: 'Buffer', data: [MASK] } } },
  ])
})

test('what masks has to be a client, which fingerprints from then on', () => {
  const texts: string[] = []
  pinoScrubbing({ scrub: (text) => `${texts.push(text)}` })
  expect(texts).toEqual([''])
  const nothing: unknown = {}
  expect(() => pinoScrubbing(nothing as Scrubber)).toThrow(
    new TypeError('secrets: expected a client, got object'),
  )
})

test('a line without a value is passed on as it is', () => {
  const { logger, written } = loggerFor(DOCUMENT)
  logger.info({ list: ['[redacted]', 12_345_678] }, 'nothing here')
  expect(written).toEqual(['{"level":30,"list":["[redacted]",12345678],"msg":"nothing here"}\n'])
})
