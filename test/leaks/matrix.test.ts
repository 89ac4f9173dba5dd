/** The matrix can fail: whatever form is planted at whatever sink is found there. */

import { afterAll, describe, expect, test } from 'vitest'
import { FORMS } from './forms.js'
import { findsIn } from './matrix.js'
import { NO_EVIDENCE, SINKS } from './sinks.js'

afterAll(() => {
  performance.clearMarks()
})

describe.each(SINKS)('a leak at the sink $name', (sink) => {
  test.each(FORMS)('in the form $name is found', ({ name, example }) => {
    const evidence = sink.evidence(sink.planted(`x ${example} x`))
    const { finds } = findsIn(evidence)
    expect(finds.some((find) => find.sink === sink.name && find.form === name)).toBe(true)
  })
})

test('nothing is found where nothing is', () => {
  performance.clearMarks()
  expect(findsIn(NO_EVIDENCE)).toMatchObject({ finds: [] })
  const calm = new Error('the value is not JSON')
  expect(findsIn({ ...NO_EVIDENCE, errors: [calm], reads: [{ ref: 'prod/db' }] }).finds).toEqual([])
})
