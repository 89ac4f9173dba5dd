/** An error of a rotation is told from others, whichever copy of the library it is of. */

import { SecretsError, isSecretsError } from 'aws-secrets-client'
import { RotationError, createRotationHandler, isRotationError } from 'aws-secrets-client/rotation'
import { describe, expect, test, vi } from 'vitest'
import { announce, errorOf, start } from './setup.js'

/** A second copy, as where one package loads the ESM build and another the CommonJS one. */
async function otherCopy() {
  vi.resetModules()
  const copy = await import('../../src/rotation/index.js')
  expect(copy.RotationError).not.toBe(RotationError)
  return copy
}

const init = { what: 'the tenant is locked', hint: 'Unlock it.', reason: 'refused' } as const

describe('isRotationError', () => {
  test('knows the errors of every copy, by their reason if one is given', async () => {
    const copy = await otherCopy()
    for (const error of [new RotationError(init), new copy.RotationError(init)]) {
      for (const tell of [isRotationError, copy.isRotationError]) {
        expect(tell(error)).toBe(true)
        expect(tell(error, 'refused')).toBe(true)
        expect(tell(error, 'failed')).toBe(false)
      }
      expect(isSecretsError(error, 'ERR_ROTATION')).toBe(true)
    }
  })

  test.each<[string, unknown]>([
    ['another error of the library', new SecretsError('ERR_ROTATION', { what: 'x' })],
    ['a look-alike', Object.assign(new Error('x'), { name: 'RotationError', reason: 'refused' })],
    ['nothing', undefined],
    ['text', 'refused'],
    [
      'what throws when it is looked at',
      new Proxy(new RotationError(init), {
        has(target, name) {
          if (String(name).includes('RotationError')) throw new Error('x')
          return name in target
        },
      }),
    ],
  ])('knows none in %s', (_title, thrown) => {
    expect(isRotationError(thrown)).toBe(false)
  })
})

describe('an error that a step throws', () => {
  test.each([undefined, 'createSecret'] as const)(
    'keeps its reason and says its step once, though it is of another copy: %s',
    async (step) => {
      const copy = await otherCopy()
      const { emulator, client } = await start()
      emulator.seed({ secrets: { a: 'v1' } })
      const setSecret = () => {
        throw new copy.RotationError({ ...init, versionId: 'x', ...(step !== undefined && { step }) })
      }
      const handler = createRotationHandler({ client, setSecret, testSecret: () => undefined })
      const error = await errorOf(handler, announce(emulator, 'a', 'setSecret'))
      expect(error).toMatchObject({ reason: 'refused', step: step ?? 'setSecret', versionId: 'x' })
      expect(error.message).toMatch(
        new RegExp(`:secret:a-\\w{6}: ${step ?? 'setSecret'}: the tenant is locked\\. Unlock it\\.$`),
      )
    },
  )
})
