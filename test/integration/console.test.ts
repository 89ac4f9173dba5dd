import { PassThrough, Writable } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { scrubbedConsole } from '../../src/integration/console.js'
import { Scrubber } from '../../src/redact/scrubber.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const MASK = '[redacted]'
const PEM = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(4)}MIIEvQIB\n-----END KEY-----\n`

/** A console over memory; `out` and `err` are what was written since they were last called. */
function consoleFor(...values: readonly unknown[]) {
  const scrubber = new Scrubber()
  for (const value of values) scrubber.add(value)
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const textOf = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? ''
  return {
    console: scrubbedConsole(scrubber, { stdout, stderr }),
    out: () => textOf(stdout),
    err: () => textOf(stderr),
  }
}

describe('the console prints no value', () => {
  test('in texts, formats, objects and groups, and passes all else on at once', () => {
    const { console, out, err } = consoleFor({ password: NEEDLE })
    console.log('hello', 12, { user: 'app' })
    expect(out()).toBe("hello 12 { user: 'app' }\n")
    console.log(`with ${NEEDLE}`)
    expect(out()).toBe(`with ${MASK}\n`)
    console.log('%s and %j', NEEDLE, { password: NEEDLE })
    expect(out()).toBe(`${MASK} and {"password":"${MASK}"}\n`)
    console.group('group')
    console.info({ db: { password: NEEDLE } }, new Map([['key', NEEDLE]]))
    expect(out()).toBe(`group\n  { db: { password: '${MASK}' } } Map(1) { 'key' => '${MASK}' }\n`)
    expect(err()).toBe('')
  })

  test('in errors, warnings and tables', () => {
    const { console, out, err } = consoleFor(NEEDLE)
    console.error(new Error(NEEDLE, { cause: { password: NEEDLE } }))
    console.warn(NEEDLE)
    console.trace(NEEDLE)
    console.table([{ password: NEEDLE }])
    const [printed, tabled] = [err(), out()]
    expect(printed).toContain(`Error: ${MASK}`)
    expect(tabled).toContain(MASK)
    expectNoNeedle(printed + tabled, NEEDLE)
  })

  test('of several lines, however it is indented or broken', () => {
    const { console, out } = consoleFor({ key: PEM })
    console.group()
    console.log(PEM)
    console.log({ nested: { key: PEM } })
    console.groupEnd()
    expect(out()).not.toContain('MIIE')
  })
})

describe('the streams behind it', () => {
  test('are those of the process without others', () => {
    const written: string[] = []
    const write = (chunk: unknown) => written.push(String(chunk)) > 0
    const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'))
    for (const spy of spies) spy.mockImplementation(write)
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore()
    })
    const scrubber = new Scrubber()
    scrubber.add(NEEDLE)
    const console = scrubbedConsole(scrubber)
    console.log(`out ${NEEDLE}`)
    console.error(`err ${NEEDLE}`)
    expect(written).toEqual([`out ${MASK}\n`, `err ${MASK}\n`])
  })

  test('decide about colours', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 8 })
    const scrubber = new Scrubber()
    scrubber.add(NEEDLE)
    const console = scrubbedConsole(scrubber, { stdout: terminal, stderr: new PassThrough() })
    console.log({ password: NEEDLE, attempts: 3 })
    expect(String(terminal.read())).toBe(
      `{ password: \u001b[32m'${MASK}'\u001b[39m, attempts: \u001b[33m3\u001b[39m }\n`,
    )
  })

  test('may fail without ending the process or the console', async () => {
    const broken = new Writable({
      write(_chunk, _encoding, callback) {
        callback(new Error('EPIPE'))
      },
    })
    const stderr = new PassThrough()
    const console = scrubbedConsole(new Scrubber(), { stdout: broken, stderr })
    console.log('lost')
    await new Promise(setImmediate)
    console.log('lost too')
    console.error('found')
    await new Promise(setImmediate)
    expect(broken.errored).toEqual(new Error('EPIPE'))
    expect(String(stderr.read())).toBe('found\n')
  })
})
