/** Answers of `GetParametersByPath`, which may be anything. */

import { GetParametersByPathCommand, type Parameter, SSMClient } from '@aws-sdk/client-ssm'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, test } from 'vitest'
import { parseTree } from '../../src/reference/composite.js'
import { parameterPageOf } from '../../src/source/parameter-page.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'
import { thrownBy } from '../reference/refused.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const PATH = parseTree('/prod/app')
const REGION = 'eu-west-1'
const $metadata = { requestId: 'f3b6-2', httpStatusCode: 200 }

const parameter = (fields: Partial<Parameter> | Record<string, unknown> = {}) => ({
  Name: '/prod/app/level',
  ARN: `arn:aws:ssm:${REGION}:123456789012:parameter/prod/app/level`,
  Type: 'String',
  Value: 'info',
  Version: 3,
  ...fields,
})
const pageOf = (Parameters: unknown, more: object = {}) =>
  parameterPageOf(PATH, REGION, { Parameters, $metadata, ...more })
const refused = (Parameters: unknown, more: object = {}) => thrownBy(() => pageOf(Parameters, more))

describe('a page', () => {
  test('is its parameters and the token of the next one', () => {
    expect(pageOf([parameter()], { NextToken: 'more' })).toStrictEqual({
      parameters: [{ name: '/prod/app/level', text: 'info', isList: false, version: 3 }],
      nextToken: 'more',
    })
  })

  test.each([
    ['absent', {}],
    ['undefined', { NextToken: undefined }],
    ['null', { NextToken: null }],
    ['the empty string', { NextToken: '' }],
  ])('is the last one where its token is %s', (_title, more) => {
    expect(pageOf([parameter()], more)).not.toHaveProperty('nextToken')
  })

  test('may be empty and lead on', () => {
    expect(pageOf([], { NextToken: 'more' })).toStrictEqual({ parameters: [], nextToken: 'more' })
  })

  test.each([
    ['String', false],
    ['SecureString', false],
    ['StringList', true],
    [undefined, false],
  ])('a %s: a list is %j', (Type, isList) => {
    expect(pageOf([parameter({ Type })]).parameters[0]?.isList).toBe(isList)
  })

  test.each([undefined, null, '3'])('a version that is %j is left out', (Version) => {
    expect(pageOf([parameter({ Version })]).parameters[0]).not.toHaveProperty('version')
  })

  test('an empty value is a value', () => {
    expect(pageOf([parameter({ Value: '' })]).parameters[0]?.text).toBe('')
  })

  test('an ARN that is missing, or no ARN, is not held against it', () => {
    for (const ARN of [undefined, null, '', 'x', 7])
      expect(pageOf([parameter({ ARN })]).parameters).toHaveLength(1)
  })

  test('below "/" is everything, also names without a slash', () => {
    const answer = { Parameters: [parameter({ Name: 'level', ARN: undefined }), parameter()] }
    expect(parameterPageOf(parseTree('/'), REGION, answer).parameters.map(({ name }) => name)).toEqual([
      'level',
      '/prod/app/level',
    ])
  })

  test('without a known region any will do', () => {
    expect(parameterPageOf(PATH, undefined, { Parameters: [parameter()] }).parameters).toHaveLength(1)
  })
})

describe('an answer is malformed', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['text', NEEDLE],
    ['a list', []],
    ['without parameters', {}],
    ['with parameters that are null', { Parameters: null }],
    ['with parameters that are an object', { Parameters: { 0: parameter(), length: 1 } }],
    ['with parameters that are text', { Parameters: NEEDLE }],
  ])('that is %s', (_title, answer) => {
    const error = thrownBy(() => parameterPageOf(PATH, REGION, answer))
    expect(error).toMatchObject({
      code: 'ERR_UNAVAILABLE',
      ref: 'ssm:/prod/app/',
      retryable: true,
      attempts: 1,
    })
    expectNoNeedle(error, NEEDLE)
  })

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['text', NEEDLE],
    ['a number', 1],
    ['without a name', parameter({ Name: undefined, Value: NEEDLE })],
    ['with a name that is no text', parameter({ Name: 7, Value: NEEDLE })],
    ['without a value', parameter({ Value: undefined })],
    ['with a value that is no text', parameter({ Value: { secret: NEEDLE } })],
    ['with more than 1 MiB', parameter({ Value: NEEDLE.repeat(40_000) })],
  ])('with a parameter that is %s: none is left out unnoticed', (_title, odd) => {
    const error = refused([parameter(), odd])
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', requestId: 'f3b6-2' })
    expectNoNeedle(error, NEEDLE)
  })

  test.each([0, 7, true, false, {}, ['more']])(
    'with the token %j: what follows is not left out unnoticed',
    (NextToken) => {
      expect(refused([parameter()], { NextToken })).toMatchObject({
        code: 'ERR_UNAVAILABLE',
        requestId: 'f3b6-2',
      })
    },
  )
})

describe('a foreign parameter is thrown away with its page', () => {
  test.each([
    ['beside the path', { Name: '/prod/other/level' }],
    ['of a path that begins alike', { Name: '/prod/app2/level' }],
    ['that is the path itself', { Name: '/prod/app' }],
    ['that is above', { Name: '/prod' }],
    ['in another case', { Name: '/Prod/app/level' }],
    ['without a path', { Name: 'level' }],
    ['of another region', { ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/app/level' }],
  ])('%s', (_title, fields) => {
    const error = refused([parameter(), parameter({ ...fields, Value: NEEDLE })])
    expect(error).toMatchObject({ code: 'ERR_RESPONSE_MISMATCH', retryable: false, requestId: 'f3b6-2' })
    expectNoNeedle(error, NEEDLE)
  })
})

describe('what is sent', () => {
  const client = new SSMClient({
    region: REGION,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  })
  const mock = mockClient(client)
  const source = new ParameterStoreSource({ client })
  const context = { signal: new AbortController().signal }

  beforeEach(() => {
    mock.reset()
    mock.on(GetParametersByPathCommand).resolves({ Parameters: [], $metadata })
  })

  test.each([
    ['/prod/app', '/prod/app'],
    ['ssm:/prod/app/', '/prod/app'],
    ['/', '/'],
  ])('%s asks for %s, decrypted, at any depth, ten at once', async (path, Path) => {
    await source.loadPage(parseTree(path), undefined, context)
    await source.loadPage(parseTree(path), 'more', context)
    const input = { Path, Recursive: true, WithDecryption: true, MaxResults: 10 }
    expect(mock.commandCalls(GetParametersByPathCommand).map(({ args }) => args[0].input)).toStrictEqual([
      input,
      { ...input, NextToken: 'more' },
    ])
  })

  test('is told, and nothing is once the signal has aborted', async () => {
    const told: string[] = []
    await source.loadPage(PATH, undefined, { ...context, onRequest: (operation) => told.push(operation) })
    expect(told).toEqual(['GetParametersByPath'])
    const signal = AbortSignal.abort('left')
    await expect(source.loadPage(PATH, undefined, { signal })).rejects.toBe('left')
    expect(mock.calls()).toHaveLength(1)
  })

  test('a failure is handed on raw, with the region', async () => {
    const raw = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
    mock.on(GetParametersByPathCommand).rejects(raw)
    await expect(source.loadPage(PATH, undefined, context)).resolves.toEqual({ error: raw, region: REGION })
  })

  test('the region that was asked is held against the answer', async () => {
    const ARN = 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/app/level'
    const Parameters: Parameter[] = [{ Name: '/prod/app/level', Value: 'x', ARN }]
    mock.on(GetParametersByPathCommand).resolves({ Parameters, $metadata })
    await expect(source.loadPage(PATH, undefined, context)).resolves.toMatchObject({
      error: { code: 'ERR_RESPONSE_MISMATCH' },
    })
  })
})
