import { PassThrough, Writable } from 'node:stream'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type ConsoleStreams, scrubbedConsole } from '../../src/integration/console.js'
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

describe('bytes', () => {
  const key = Uint8Array.from({ length: 40 }, (_, at) => (at * 37 + 200) % 256)
  const other = new Uint8Array([1, 2, 3])

  test('that hold a value are not printed, in whatever they lie', () => {
    const { console, out, err } = consoleFor({ key })
    console.log(key)
    console.log('%o %o', key, [0], { a: [{ key }], other })
    console.dir({ key: Buffer.from(key) })
    console.table([{ key }])
    console.group(key)
    console.error([key])
    const printed = out()
    expect(printed.split('\n').slice(0, 2)).toEqual([
      MASK,
      `'${MASK}' [ 0, [length]: 1 ] { a: [ { key: '${MASK}' } ], other: Uint8Array(3) [ 1, 2, 3 ] }`,
    ])
    expect(printed + err()).not.toMatch(/237|ed 12|\bc8\b/)
  })

  test('are not printed in colours, and inside of longer ones', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, getColorDepth: () => 8 })
    const scrubber = new Scrubber()
    scrubber.add(key)
    const console = scrubbedConsole(scrubber, { stdout: terminal })
    console.log({ key })
    console.log(Uint8Array.from([1, ...key, 2]))
    expect(String(terminal.read())).toBe(`{ key: \u001b[32m'${MASK}'\u001b[39m }\n${MASK}\n`)
  })

  test('are replaced in copies, and nothing else of what is printed changes', () => {
    const { console, out } = consoleFor(key)
    const called: string[] = []
    const cyclic: Record<string, unknown> = {
      key,
      list: [1, , new Date(0)],
      [Symbol('s')]: new Map([[1, other]]),
    }
    Object.defineProperty(cyclic, 'getter', { enumerable: true, get: () => called.push('getter') })
    cyclic['self'] = cyclic
    const frozen: unknown = Object.freeze(Object.assign(Object.create(null) as object, { key, name: 'x' }))
    const printed = inspect(cyclic)
    expect(printed).toMatch(/\[Getter\][^]*\[Circular/)
    console.log(cyclic)
    expect(out()).toBe(`${printed.replace(/Uint8Array\(40\) \[[^\]]*\]/, `'${MASK}'`)}\n`)
    console.log(frozen)
    expect(out()).toBe(`[Object: null prototype] { key: '${MASK}', name: 'x' }\n`)
    expect([called, cyclic['key']]).toEqual([[], key])
  })

  test('are found beside more than is looked at', () => {
    const { console, out } = consoleFor(key)
    console.log({ many: Array.from({ length: 20_000 }, () => 0), key, proxy: new Proxy({}, {}) })
    expect(out()).toContain(`key: '${MASK}'`)
  })
})

describe('what it is made of', () => {
  test('is a client, which fingerprints from then on', () => {
    const texts: string[] = []
    const scrub = (text: string) => {
      texts.push(text)
      return text
    }
    scrubbedConsole({ scrub })
    expect(texts).toEqual([''])
  })

  test.each([undefined, null, 'text', {}, { scrub: 'text' }])('is nothing like %j', (secrets) => {
    expect(() => scrubbedConsole(secrets as unknown as Scrubber)).toThrow(
      new TypeError(`secrets: expected a client, got ${secrets === null ? 'null' : typeof secrets}`),
    )
  })

  test.each([
    [null, 'streams: expected an object, got null'],
    ['text', 'streams: expected an object, got string'],
    [{ stdout: null }, 'streams.stdout: expected a stream to write to, got null'],
    [{ stderr: {} }, 'streams.stderr: expected a stream to write to, got object'],
  ])('is no stream such as %j', (streams, message) => {
    expect(() => scrubbedConsole(new Scrubber(), streams as unknown as ConsoleStreams)).toThrow(
      new TypeError(message),
    )
  })

  test('is nothing that was put into all objects', () => {
    const foreign = new PassThrough()
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    onTestFinished(() => {
      write.mockRestore()
      Reflect.deleteProperty(Object.prototype, 'stdout')
    })
    Object.defineProperty(Object.prototype, 'stdout', { value: foreign, configurable: true })
    scrubbedConsole(new Scrubber(), {}).log('hello')
    scrubbedConsole(new Scrubber()).log('again')
    expect(foreign.read()).toBeNull()
    expect(write.mock.calls.map(([text]) => text)).toEqual(['hello\n', 'again\n'])
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
