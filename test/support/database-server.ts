/** What the real database servers of the tests have in common: a directory, a port, and an end in any case. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server's data, which a watching process removes, with the server, when the process of the tests is killed. */
export interface DataDirectory {
  readonly path: string
  /** Where the watching process looks for the server's process id. */
  readonly pidFile: string
  /** After the server has ended. */
  readonly remove: () => Promise<void>
}

/** Successful and refused logins, as the server has seen them. */
export interface Logins {
  readonly accepted: number
  readonly refused: number
}

/** Ends at once after a line, else, when its input breaks off, stops the server and removes its data. */
const WATCH = 'read -r _ && exit 0; kill -9 "$(head -n 1 "$1")"; sleep 1; rm -rf "$0"'

export async function createDataDirectory(name: string, pidFile: string): Promise<DataDirectory> {
  const path = await mkdtemp(join(tmpdir(), `aws-secrets-client-${name}-`))
  const watch = spawn('sh', ['-c', WATCH, path, join(path, pidFile)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  // Without a POSIX shell the data is left behind where the process is killed, and no more than that.
  watch.on('error', () => undefined)
  watch.stdin.on('error', () => undefined)
  watch.unref()
  return {
    path,
    pidFile: join(path, pidFile),
    async remove() {
      watch.stdin.end('done\n')
      await rm(path, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Far more often than another process takes the port in the moment before the server does. */
const PORTS = 5

/** Starts a server on a port that is free, and on another one where it did not start: somebody else was faster. */
export async function onFreePort<Started>(start: (port: number) => Promise<Started>): Promise<Started> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await start(await freePort())
    } catch (error) {
      if (tried === PORTS) throw error
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}
