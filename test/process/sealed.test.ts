/** A heap snapshot of a process that has read secrets holds none of them where they are sealed. */

import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { PROCESS_TIMEOUT_MS, run } from './run.js'
import { SECRETS, SHAPES, refOf } from './sealed-scene.js'

const SEALED = new URL('./fixtures/sealed-reads.ts', import.meta.url)
const START_CHARACTERS = 16

const isBinary = (n: number) => SHAPES.binary.some((binary) => binary === n)

/** A child that has read every needle in the given mode, with the snapshots that it has left. */
async function snapshotsOf(mode: 'sealed' | 'plain') {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  onTestFinished(() => emulator.close())
  const needles = Array.from({ length: SECRETS }, () => randomBytes(24).toString('hex'))
  const valueOf = (needle: string, n: number) =>
    isBinary(n) ? Buffer.from(needle) : JSON.stringify({ password: needle, port: 5432 })
  emulator.seed({ secrets: Object.fromEntries(needles.map((needle, n) => [refOf(n), valueOf(needle, n)])) })
  const directory = await mkdtemp(join(tmpdir(), 'sealed-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const ended = await run(SEALED, { args: [mode, directory], env: { ...emulator.env } })
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  const told: unknown = JSON.parse(ended.stdout)
  expect(told).toMatchObject({ entries: SECRETS })
  const found = async (name: string) => {
    const snapshot = await readFile(join(directory, `${name}.heapsnapshot`))
    // Whatever is looked for, this is where it would be.
    expect(snapshot.includes(refOf(0))).toBe(true)
    return needles.flatMap((needle, n) => {
      const forms = isBinary(n) ? [needle, Buffer.from(needle).toString('base64')] : [needle]
      const isWhole = forms.some((form) => snapshot.includes(form))
      const isThere = forms.some((form) => snapshot.includes(form.slice(0, START_CHARACTERS)))
      return isThere ? [{ n, isWhole }] : []
    })
  }
  return { found }
}

describe('a heap snapshot', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test('holds no secret where they are sealed: cached, evicted and after close()', async () => {
    const { found } = await snapshotsOf('sealed')
    expect(await found('cached')).toEqual([])
    expect(await found('evicted')).toEqual([])
    expect(await found('closed')).toEqual([])
  })

  test('holds every secret but the binary ones where they are not', async () => {
    const { found } = await snapshotsOf('plain')
    const texts = Array.from({ length: SECRETS }, (_, n) => n).filter((n) => !isBinary(n))
    expect(await found('cached')).toEqual(texts.map((n) => ({ n, isWhole: true })))
  })
})
