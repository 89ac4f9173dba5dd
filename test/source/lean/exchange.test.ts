/** Whatever comes back over the wire, a request settles, and what is no text is not taken for one. */

import { type Socket, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { agentFor, exchange } from '../../../src/source/lean/exchange.js'
import { failureOf } from '../../support/aws.js'

/** Asks a server that has this to say once it was asked. */
async function answerOf(say: (socket: Socket) => void, maxBytes = 1_000) {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => {
      say(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = new URL(`http://127.0.0.1:${port}`)
  const { signal } = new AbortController()
  return exchange({ method: 'GET', url, headers: {}, agent: agentFor(url, {}), signal, maxBytes })
}

describe('an answer', () => {
  test.each([
    ['with its length', 'Content-Length: 3\r\n\r\nä!'],
    ['until the connection closes', '\r\nä!'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n3\r\nä!\r\n0\r\n\r\n'],
  ])('is read %s', async (_title, rest) => {
    const answered = await answerOf((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`))
    expect(answered).toMatchObject({ status: 200, body: 'ä!' })
  })

  test('that is not UTF-8 has no text', async () => {
    const bytes = Buffer.from([0x61, 0xff])
    const answered = await answerOf((socket) => {
      socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), bytes]))
    })
    expect(answered).toMatchObject({ status: 200, body: undefined })
  })
})

describe('no answer', () => {
  test.each([
    ['that would change the protocol', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['that is too long', `HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n${' '.repeat(1_001)}`],
  ])('is one %s', async (_title, text) => {
    const failed = failureOf(answerOf((socket) => socket.write(text)))
    await expect(failed).resolves.toMatchObject({
      code: 'ERR_STREAM_PREMATURE_CLOSE',
    })
  })

  test.each([
    ['before it starts', ''],
    ['within its head', 'HTTP/1.1 200'],
    ['within its body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'],
    ['within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{'],
  ])('is one that breaks off %s', async (_title, text) => {
    await expect(failureOf(answerOf((socket) => socket.end(text)))).resolves.toBeInstanceOf(Error)
  })
})
