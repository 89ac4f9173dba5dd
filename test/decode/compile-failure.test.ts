import { expect, test, vi } from 'vitest'
import { Decoder } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import type * as JsonSchemaModule from '../../src/decode/json-schema/json-schema.js'
import { REF, failureOf } from './decode-with.js'

const compile = vi.hoisted(() => ({ failures: 1 }))

vi.mock('../../src/decode/json-schema/json-schema.js', async (original) => {
  const module = await original<typeof JsonSchemaModule>()
  return {
    ...module,
    compileJsonSchema: (...args: Parameters<typeof module.compileJsonSchema>) =>
      compile.failures-- > 0
        ? Promise.reject(new Error('too many open files'))
        : module.compileJsonSchema(...args),
  }
})

test('a check that could not be compiled is compiled anew for the next reader', async () => {
  const [decoder, decoded] = [new Decoder(), new DecodedValues()]
  const schema = { type: 'object' } as const
  const read = () => decoder.decode({ text: '{}' }, decoded, { as: 'json', ref: REF, schema })
  expect(await failureOf(read())).toMatchObject({ code: 'ERR_SCHEMA' })
  await expect(read()).resolves.toEqual({})
})
