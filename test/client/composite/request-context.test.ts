/** What one of several requests is told. */

import { expect, test, vi } from 'vitest'
import { requestContext } from '../../../src/client/composite/request-context.js'

const { signal } = new AbortController()

function contextOf(isBackground: () => boolean) {
  const onAttempt = vi.fn()
  const context = {
    signal: new AbortController().signal,
    isProbe: true,
    onAttempt,
    get isBackground() {
      return isBackground()
    },
  }
  return { context, onAttempt }
}

test('it has a signal of its own, and whether one attempt is enough', () => {
  const { context } = contextOf(() => false)
  expect(requestContext(context, { signal, isFirst: true })).toMatchObject({ signal, isProbe: true })
})

test('its urgency may change while it runs', () => {
  const state = { isBackground: true }
  const one = requestContext(contextOf(() => state.isBackground).context, { signal, isFirst: false })
  expect(one.isBackground).toBe(true)
  state.isBackground = false
  expect(one.isBackground).toBe(false)
})

test('the age of the value is told by the first; each attempt is counted', () => {
  const { context, onAttempt } = contextOf(() => false)
  const count = vi.fn()
  requestContext(context, { signal, isFirst: false, onAttempt: count }).onAttempt()
  expect([onAttempt.mock.calls.length, count.mock.calls.length]).toEqual([0, 1])
  requestContext(context, { signal, isFirst: true, onAttempt: count }).onAttempt()
  expect([onAttempt.mock.calls.length, count.mock.calls.length]).toEqual([1, 2])
  requestContext(context, { signal, isFirst: true }).onAttempt()
  expect(onAttempt).toHaveBeenCalledTimes(2)
})
