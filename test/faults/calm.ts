/** Nothing that a process would be warned of, or killed by, happens behind the back of the tests (I32). */

import { afterAll, beforeAll, expect } from 'vitest'
import { turns } from './bench.js'

/** To be called once per file: fails it for an unhandled rejection, or for any warning of Node.js. */
export function expectCalm(): void {
  const heard: unknown[] = []
  const hear = (what: unknown) => {
    heard.push(what)
  }
  beforeAll(() => {
    process.on('warning', hear)
    process.on('unhandledRejection', hear)
  })
  afterAll(async () => {
    await turns(20)
    process.off('warning', hear)
    process.off('unhandledRejection', hear)
    expect(heard, 'warnings and unhandled rejections').toEqual([])
  })
}
