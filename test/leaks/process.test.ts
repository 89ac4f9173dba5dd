/** However a process ends, it writes no value: neither Node.js about its errors, nor a diagnostic report (I51). */

import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { PROCESS_TIMEOUT_MS, run } from '../process/run.js'
import { NEEDLE } from '../support/needle.js'
import { FORMS, LONG_NEEDLE } from './forms.js'

const ENDS = new URL('./fixtures/ends.ts', import.meta.url)

/** What Node.js tells of its own accord, as much as it can. */
const TALKATIVE = '--trace-warnings --trace-uncaught --report-uncaught-exception'

/** Its numbers are those of the machine, any of which may be the length of the secret. */
const TEXT_FORMS = FORMS.filter(({ name }) => name !== 'length')

// One after the other: side by side, on a busy machine, each may take longer than a process is waited for.
test.for<readonly [string, number, string]>([
  ['uncaught', 1, 'ERR_SCHEMA'],
  ['unhandled', 1, 'ERR_SCHEMA'],
  ['thrown-later', 1, 'ERR_LOAD'],
  ['warned', 0, 'SecretsError'],
  ['logged', 3, 'ERR_LOAD'],
  ['report', 0, 'javascriptStack'],
  ['sealed-report', 0, 'javascriptStack'],
  ['worker', 0, 'ERR_SCHEMA'],
])(
  '%s: exit code %d',
  { timeout: PROCESS_TIMEOUT_MS },
  async ([end, code, told], { expect, onTestFinished }) => {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    onTestFinished(() => emulator.close())
    emulator.seed({ secrets: { 'prod/db': JSON.stringify({ password: LONG_NEEDLE, [NEEDLE]: NEEDLE }) } })
    const directory = await mkdtemp(join(tmpdir(), 'leaks-'))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    const NODE_OPTIONS = `${TALKATIVE} --report-directory=${directory}`
    const ended = await run(ENDS, { args: [end], env: { ...emulator.env, NODE_OPTIONS } })
    const reports = await Promise.all(
      (await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8')),
    )
    const text = [ended.stdout, ended.stderr, ...reports].join('\n')
    expect(text).toContain(told)
    expect(ended).toMatchObject({ code, signal: null })
    expect(reports).toHaveLength(code === 1 ? 1 : 0)
    expect(TEXT_FORMS.filter(({ isIn }) => isIn(text.toLowerCase()))).toEqual([])
  },
)
