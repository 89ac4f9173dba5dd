/** What a source is given of an answer is what the AWS SDK would give, and an error keeps nothing that could be a secret. */

import { describe, expect, test } from 'vitest'
import { parseReference } from '../../../src/reference/parse.js'
import { failureOf } from '../../../src/source/failure.js'
import { serviceAnswerOf } from '../../../src/source/lean/service-answer.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'

const answerTo = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return serviceAnswerOf({ status, headers, body: text }, false)
}

function errorOf(body: unknown, status = 400, headers: Readonly<Record<string, string>> = {}): unknown {
  try {
    return answerTo(body, status, headers)
  } catch (error) {
    return error
  }
}

describe('an answer', () => {
  test('has dates and bytes, wherever the services give them', () => {
    const secret = { SecretBinary: 'AP8=', CreatedDate: 1_700_000_000.123 }
    const revived = { SecretBinary: new Uint8Array([0, 255]), CreatedDate: new Date(1_700_000_000_123) }
    const parameter = { Name: 'a', LastModifiedDate: 1 }
    expect(answerTo(secret)).toMatchObject(revived)
    expect(answerTo({ SecretValues: [secret, 7], NextToken: 't' })).toMatchObject({
      SecretValues: [revived, 7],
      NextToken: 't',
    })
    const read = { Name: 'a', LastModifiedDate: new Date(1_000) }
    expect(answerTo({ Parameter: parameter })).toMatchObject({ Parameter: read })
    expect(answerTo({ Parameters: [parameter] })).toMatchObject({ Parameters: [read] })
  })

  test('says which request it is for', () => {
    const $metadata = { httpStatusCode: 200, requestId: 'id-1', attempts: 1 }
    expect(answerTo({ $metadata: 'x' }, 200, { 'x-amzn-requestid': 'id-1' })).toMatchObject({ $metadata })
    expect(answerTo({}, 200, { 'x-amzn-request-id': 'id-1' })).toMatchObject({ $metadata })
    expect(answerTo({}, 200, { 'x-amz-request-id': 'id-1' })).toMatchObject({ $metadata })
  })

  test.each([[''], ['null'], ['[{"SecretString":"x"}]'], ['"text"'], [{ SecretString: null }]])(
    '%j has nothing in it',
    (body) => {
      const answer = answerTo(body)
      expect(Object.entries(answer).filter(([, member]) => member !== undefined)).toHaveLength(1)
      expect(answer['$metadata']).toMatchObject({ httpStatusCode: 200 })
    },
  )

  test('keeps a member named __proto__ to itself', () => {
    expect(Object.getPrototypeOf(answerTo('{"__proto__":{"SecretString":"x"}}'))).toBe(Object.prototype)
  })

  test.each([
    [`{"SecretString":"${NEEDLE}`],
    [`<html>${NEEDLE}</html>`],
    [{ SecretString: NEEDLE, CreatedDate: 'yesterday' }],
    [{ SecretBinary: NEEDLE }],
    [{ SecretBinary: 'abc' }],
    [{ SecretBinary: 7 }],
    [{ Parameters: [{ Value: NEEDLE, LastModifiedDate: {} }] }],
  ])('%j is garbled, and not quoted', (body) => {
    const error = errorOf(body, 200)
    expect(error).toMatchObject({ name: 'SyntaxError', $metadata: { httpStatusCode: 200 } })
    expectNoNeedle(error, NEEDLE)
  })
})

test('an answer that is not text is garbled', () => {
  const notText = { status: 200, headers: {}, body: undefined }
  expect(() => serviceAnswerOf(notText, false)).toThrow(
    expect.objectContaining({ name: 'SyntaxError' }) as Error,
  )
})

describe('an error', () => {
  test.each<[string, unknown, Record<string, string>?]>([
    ['ParameterNotFound', { __type: 'ParameterNotFound' }],
    ['ParameterNotFound', { __type: 'com.amazonaws.ssm#ParameterNotFound' }],
    ['ParameterNotFound', { code: 'ParameterNotFound:http://internal.amazon.com/' }],
    ['ParameterNotFound', { Code: 'ParameterNotFound' }],
    ['ParameterNotFound', '', { 'x-amzn-errortype': 'ParameterNotFound:http://internal.amazon.com/' }],
    ['SlowDown', { __type: 'SlowDown', code: 'Other' }, { 'x-amzn-errortype': 'Third' }],
    ['Error', { __type: 7 }],
    ['Error', { __type: `no name ${NEEDLE}` }],
    ['Error', []],
    ['Error', ''],
    ['SyntaxError', `<html>${NEEDLE}`],
  ])('is named %s in %j', (name, body, headers) => {
    const error = errorOf(body, 400, headers)
    expect(error).toMatchObject({ name, $metadata: { httpStatusCode: 400, attempts: 1 } })
    expectNoNeedle(error, NEEDLE)
  })

  test.each([
    ['AccessDeniedException', 'ERR_DECRYPT', `Access to KMS is not allowed ${NEEDLE}`],
    ['AccessDeniedException', 'ERR_ACCESS_DENIED', `User: ${NEEDLE} may not`],
    ['InvalidRequestException', 'ERR_NOT_FOUND', `${NEEDLE} is currently marked deleted.`],
    ['InvalidRequestException', 'ERR_REQUEST_REFUSED', NEEDLE],
    ['InvalidSignatureException', 'ERR_CREDENTIALS', `Signature expired: ${NEEDLE}`],
  ])('%s is %s by the few words that tell, without the others', (name, code, Message) => {
    const reference = parseReference('prod/db')
    for (const body of [
      { __type: name, Message },
      { __type: name, message: Message },
    ]) {
      const error = errorOf(body)
      const failure = failureOf(error, reference)
      expect(failure.code).toBe(code)
      expectNoNeedle([error, failure], NEEDLE)
    }
  })

  test('says how long to wait, and keeps no other header', () => {
    const headers = { 'retry-after': '3', date: 'Sun, 22 Nov 2026 08:00:00 GMT', 'x-secret': NEEDLE }
    const error = errorOf({ __type: 'ThrottlingException' }, 400, headers)
    expect(failureOf(error, parseReference('prod/db'))).toMatchObject({ retryAfterMs: 3_000 })
    expectNoNeedle(error, NEEDLE)
  })

  test('of a redirect is one of the service', () => {
    expect(errorOf('', 302, { location: 'http://example.com' })).toMatchObject({
      $metadata: { httpStatusCode: 302 },
    })
  })
})
