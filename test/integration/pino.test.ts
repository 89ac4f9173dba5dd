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

test('a line without a value is passed on as it is', () => {
  const { logger, written } = loggerFor(DOCUMENT)
  logger.info({ list: ['[redacted]', 12_345_678] }, 'nothing here')
  expect(written).toEqual(['{"level":30,"list":["[redacted]",12345678],"msg":"nothing here"}\n'])
})
