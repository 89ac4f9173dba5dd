/**
 * Starts moto, the independent AWS double that the contract suite runs against beside the emulator.
 *
 * A vitest global set-up: it keeps moto in a Python environment of its own under `.cache/moto`, and provides its URL
 * as `motoUrl`. Where it cannot be had the suite skips moto, except in CI, where that is an error.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { onFreePort } from './database-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where moto answers; `undefined` where it cannot be had. */
    motoUrl: string | undefined
  }
}

const VENV = fileURLToPath(new URL('../../.cache/moto', import.meta.url))
const BIN = process.platform === 'win32' ? `${VENV}/Scripts` : `${VENV}/bin`
const MOTO = `${BIN}/moto_server`
const MOTO_PACKAGE = 'moto[server]==5.2.5'
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
  const trouble = existsSync(MOTO) ? undefined : await install()
  if (trouble !== undefined) {
    if (process.env['CI'] !== undefined) throw new Error(`The contract suite needs moto: ${trouble}`)
    console.warn(`The contract suite skips moto: ${trouble}`)
    project.provide('motoUrl', undefined)
    return undefined
  }
  const { url, stop } = await onFreePort(startAt)
  process.env[URL_VARIABLE] = url
  project.provide('motoUrl', url)
  return async () => {
    Reflect.deleteProperty(process.env, URL_VARIABLE)
    await stop()
  }
}

/** What stands in the way, if anything does. */
async function install(): Promise<string | undefined> {
  const works = (command: string, args: readonly string[]) =>
    run(command, args).then(
      () => true,
      () => false,
    )
  if (!(await works('python3', ['-c', 'import venv, ensurepip']))) return 'Python 3 with venv is missing'
  console.log('Installing moto into .cache/moto (once) …')
  const isInstalled =
    (await works('python3', ['-m', 'venv', VENV])) &&
    (await works(`${BIN}/pip`, ['install', '--quiet', '--disable-pip-version-check', MOTO_PACKAGE]))
  return isInstalled ? undefined : `pip could not install ${MOTO_PACKAGE}`
}

async function startAt(port: number): Promise<{ url: string; stop: () => Promise<void> }> {
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
