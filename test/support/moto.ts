/**
 * Starts moto, the independent AWS double that the contract suite runs against beside the emulator.
 *
 * A vitest global set-up: it keeps moto in a Python environment of its own under `.cache/moto`, and provides its URL
 * as `motoUrl`. Without Python the suite skips moto, except in CI, where that is an error.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where moto answers; `undefined` where there is no Python to run it. */
    motoUrl: string | undefined
  }
}

const VENV = fileURLToPath(new URL('../../.cache/moto', import.meta.url))
const BIN = process.platform === 'win32' ? `${VENV}/Scripts` : `${VENV}/bin`
const MOTO = `${BIN}/moto_server`
const START_TIMEOUT_MS = 60_000

/** A second vitest project in the same process finds the server of the first here. */
const URL_VARIABLE = 'AWS_SECRETS_CLIENT_MOTO_URL'

const run = promisify(execFile)

/** Called by vitest once before all tests; what it returns is called once after them. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env[URL_VARIABLE]
  if (running !== undefined) {
    project.provide('motoUrl', running)
    return undefined
  }
  if (!(await hasPython())) {
    if (process.env['CI'] !== undefined)
      throw new Error('Python 3 with venv is missing, which the contract suite needs to run moto')
    console.warn('The contract suite skips moto: Python 3 with venv is missing')
    project.provide('motoUrl', undefined)
    return undefined
  }
  if (!existsSync(MOTO)) await install()
  const { url, stop } = await start()
  process.env[URL_VARIABLE] = url
  project.provide('motoUrl', url)
  return async () => {
    Reflect.deleteProperty(process.env, URL_VARIABLE)
    await stop()
  }
}

async function hasPython(): Promise<boolean> {
  return run('python3', ['-c', 'import venv, ensurepip']).then(
    () => true,
    () => false,
  )
}

async function install(): Promise<void> {
  console.log('Installing moto into .cache/moto (once) …')
  await run('python3', ['-m', 'venv', VENV])
  await run(`${BIN}/pip`, ['install', '--quiet', '--disable-pip-version-check', 'moto[server]'])
}

async function start(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(MOTO, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const kill = () => server.kill('SIGKILL')
  process.once('exit', kill)
  await answers(url, server)
  const stop = async () => {
    process.off('exit', kill)
    if (server.exitCode === null) {
      const exited = once(server, 'exit')
      kill()
      await exited
    }
  }
  return { url, stop }
}

/** Polls, because moto says nowhere when it listens. */
async function answers(url: string, server: ChildProcess): Promise<void> {
  const startedAt = Date.now()
  while (Date.now() - startedAt < START_TIMEOUT_MS) {
    if (server.exitCode !== null) throw new Error(`moto_server ended with code ${server.exitCode}`)
    const isUp = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return
    await delay(100)
  }
  server.kill('SIGKILL')
  throw new Error(`moto_server did not answer within ${START_TIMEOUT_MS} ms`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}
