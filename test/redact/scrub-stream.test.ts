import { once } from 'node:events'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Scrubber } from '../../src/redact/scrubber.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const MASK = '[redacted]'
const PEM = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkq\n'.repeat(4)}-----END KEY-----`

/** A stream that masks these values; `passed` is what has come out since it was last called. */
function streamOf(...values: readonly unknown[]) {
  const scrubber = new Scrubber()
  for (const value of values) scrubber.add(value)
  const stream = scrubber.scrubStream()
  return { scrubber, stream, passed: (): unknown => (stream.read() as Buffer | null)?.toString() ?? '' }
}

/** All that comes out. */
async function drained(
  stream: NodeJS.ReadWriteStream,
  chunks: readonly (string | Buffer)[],
): Promise<string> {
  const out: Buffer[] = []
  stream.on('data', (chunk: Buffer) => out.push(chunk))
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await once(stream, 'end')
  return Buffer.concat(out).toString()
}

describe('what comes out of a stream', () => {
  test('is masked where a value comes in many chunks, bytes of one character included', async () => {
    const bytes = Array.from(Buffer.from(`before ${NEEDLE} after é`), (byte) => Buffer.from([byte]))
    expect(await drained(streamOf(NEEDLE).stream, bytes)).toBe(`before ${MASK} after é`)
  })

  test('is the masked whole for any values, texts and cuts', { timeout: 30_000 }, async () => {
    const unit = fc.constantFrom('a', 'b', '\n', ' ', 'é', '😀', '"', '%')
    const value = fc.array(unit, { minLength: 8, maxLength: 80 }).map((units) => units.join(''))
    const values = fc.array(value, { minLength: 1, maxLength: 4 })
    const other = fc.array(unit, { maxLength: 12 }).map((units) => units.join(''))
    const piece = fc.oneof(other, fc.record({ value: fc.nat(3), units: fc.nat(100) }))
    const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(values, fc.array(piece, { maxLength: 12 }), cuts, fc.boolean(), async (...given) => {
        const [known, pieces, lengths, asText] = given
        const { scrubber, stream } = streamOf(...known)
        const whole = pieces
          .map((part) => (typeof part === 'string' ? part : (known[part.value] ?? '').slice(0, part.units)))
          .join('')
          .toWellFormed()
        const chunks = asText ? slicesOf(whole, lengths) : slicesOf(Buffer.from(whole), lengths)
        expect(await drained(stream, chunks)).toBe(scrubber.scrub(whole))
      }),
      { numRuns: 2000 },
    )
  })

  test('is text as it was, however it was written', async () => {
    const { stream } = streamOf(NEEDLE)
    const chunks = ['plain ', Buffer.from('bytes '), '\ud83d', '\ude00', Buffer.from([0xc3])]
    expect(await drained(stream, chunks)).toBe('plain bytes 😀\ufffd')
  })

  test('is decoded from what it was encoded in', async () => {
    const { stream } = streamOf(NEEDLE)
    stream.write(Buffer.from(`is ${NEEDLE}`).toString('hex'), 'hex')
    expect(await drained(stream, [' and ', '\ufeffmore'])).toBe(`is ${MASK} and \ufeffmore`)
  })

  test('has one mask for a run of values that goes on over the chunks', async () => {
    const { stream, passed } = streamOf('aaaaaaaaaa')
    stream.write('-aaaaaaaaaaa')
    expect(passed()).toBe(`-${MASK}`)
    stream.write('a'.repeat(1000))
    expect(passed()).toBe('')
    expect(await drained(stream, ['-aaaaaaaaa'])).toBe('-aaaaaaaaa')
  })
})

describe('a long value', () => {
  const random = (units: number) =>
    Array.from({ length: units }, (_, at) =>
      String.fromCharCode(97 + ((at * at * 31 + at * 7 + (at >> 5)) % 26)),
    ).join('')

  test.each([
    [100_000, 16],
    [3_000_000, 16_384],
  ])(
    'of %d units in chunks of %d takes time that grows with its length',
    { timeout: 10_000 },
    async (units, size) => {
      const value = random(units)
      const whole = `is ${value}, and ${value.slice(0, -1)}.`
      const { scrubber, stream } = streamOf(value)
      const out = await drained(stream, slicesOf(whole, [size]))
      expect(out === scrubber.scrub(whole)).toBe(true)
      expect(out.slice(0, 19)).toBe(`is ${MASK}, and `)
    },
  )

  test.each(['a', 'ab\n'])('of %j only takes no longer', { timeout: 10_000 }, async (unit) => {
    const value = unit.repeat(20_000)
    const chunks = slicesOf(`${value}${value}-${value.slice(1)}`, [16])
    const { scrubber, stream } = streamOf(value)
    const whole = scrubber.scrub(chunks.join(''))
    expect((await drained(stream, chunks)) === whole).toBe(true)
  })
})

describe('what waits', () => {
  test('is nothing of a line in which no value begins', () => {
    const { stream, passed } = streamOf(NEEDLE, PEM, { password: 'connected to the database' })
    for (const line of ['connected to the network\n', 'connected\n', '-----BEGIN CERTIFICATE-----\n', '\n']) {
      stream.write(line)
      expect(passed()).toBe(line)
    }
  })

  test('is what may be the beginning of a value, until it is known not to be', () => {
    const { stream, passed } = streamOf(NEEDLE)
    stream.write('is NEEDLE-')
    expect(passed()).toBe('is ')
    stream.write('work\n')
    expect(passed()).toBe('NEEDLE-work\n')
    stream.write('is NEE')
    expect(passed()).toBe('is ')
    stream.write('t\n')
    expect(passed()).toBe('NEEt\n')
  })

  test('is a line after which a value may go on', () => {
    const { stream, passed } = streamOf(PEM)
    stream.write(`${PEM.split('\n').slice(0, 3).join('\n')}\n`)
    expect(passed()).toBe('')
    stream.write('-----END CERTIFICATE-----\n')
    expect(passed()).toBe(`-----BEGIN KEY-----\n${MASK}\n${MASK}\n-----END CERTIFICATE-----\n`)
  })

  test('comes out at the end', async () => {
    expect(await drained(streamOf(NEEDLE).stream, ['is NEEDLE-'])).toBe('is NEEDLE-')
  })

  test('is masked by what became known meanwhile', async () => {
    const { scrubber, stream, passed } = streamOf('NEEDLE-and-more')
    stream.write('is NEEDLE-a')
    expect(passed()).toBe('is ')
    scrubber.add('NEEDLE-a-nother')
    expect(await drained(stream, ['-nother'])).toBe(MASK)
  })
})

test('inspecting the stream shows nothing of what waits', () => {
  const { stream } = streamOf(`${NEEDLE}, and more`)
  stream.write(`is ${NEEDLE}`)
  expectNoNeedle(inspect(stream, { showHidden: true, depth: Infinity, getters: true }), NEEDLE)
})

function slicesOf(whole: string | Buffer, lengths: readonly number[]): (string | Buffer)[] {
  const chunks: (string | Buffer)[] = []
  for (let at = 0, cut = 0; at < whole.length; cut += 1) {
    const end = at + (lengths[cut % lengths.length] ?? 1)
    chunks.push(typeof whole === 'string' ? whole.slice(at, end) : whole.subarray(at, end))
    at = end
  }
  return chunks
}
