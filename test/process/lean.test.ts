/** Without the AWS SDK where that is enough, and through it, one client at a time, where it is not. */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { PROCESS_TIMEOUT_MS, run } from './run.js'

const LEAN = new URL('./fixtures/lean.ts', import.meta.url)
const CONTAINER = new URL('./fixtures/lean-container.ts', import.meta.url)

async function start() {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const folder = await mkdtemp(join(tmpdir(), 'lean-'))
  onTestFinished(async () => {
    await emulator.close()
    await rm(folder, { recursive: true })
  })
  emulator.seed({ secrets: { 'prod/a': 'A' }, parameters: { '/prod/b': 'B' } })
  const files = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  }
  return { files, folder, env: emulator.env }
}

describe('a process', { timeout: PROCESS_TIMEOUT_MS }, () => {
  test('that has all in variables loads no SDK client, and ends by itself', async () => {
    const { env, folder } = await start()
    // As on the machine of a developer.
    await mkdir(join(folder, '.aws'))
    for (const name of ['config', 'credentials']) await writeFile(join(folder, '.aws', name), '[default]\n')
    const ended = await run(LEAN, { args: ['prod/a', 'ssm:/prod/b'], env: { ...env, HOME: folder } })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({ values: ['A', 'B'], loaded: [] })
  })

  test('that needs a profile loads the client of the service that it reads', async () => {
    const { env, files } = await start()
    const profile = '[work]\naws_access_key_id = AKID\naws_secret_access_key = x\n'
    await writeFile(files.AWS_SHARED_CREDENTIALS_FILE, profile)
    const variables = { AWS_PROFILE: 'work', AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
    const ended = await run(LEAN, { args: ['prod/a'], env: { ...env, ...files, ...variables } })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({ values: ['A'], loaded: ['@aws-sdk/client-secrets-manager'] })
  })

  const container = {
    AWS_ACCESS_KEY_ID: '',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }

  test('whose read was aborted while the endpoint of the container says nothing ends', async () => {
    const ended = await run(CONTAINER, { args: ['silent'], env: container })
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' })
    expect(JSON.parse(ended.stdout)).toEqual({ isAborted: true })
  })

  test('that waits for credentials does not end before they are there', async () => {
    const ended = await run(CONTAINER, { args: ['answers'], env: container })
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(ended.stdout)).toMatchObject([{ value: { text: 'A' } }])
  })
})
