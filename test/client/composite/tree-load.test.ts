/** All pages of a path as one value: what is asked for, and what ends it. */

import { describe, expect, test } from 'vitest'
import type { LoadContext } from '../../../src/cache/launcher.js'
import { loadTree } from '../../../src/client/composite/tree-load.js'
import { treeOf } from '../../../src/decode/tree.js'
import { SecretsError, type SecretsErrorCode } from '../../../src/errors.js'
import { parseTree } from '../../../src/reference/composite.js'
import type { ParameterPage, TreeParameter } from '../../../src/source/source.js'
import { ManualClock } from '../../support/manual-clock.js'

const PATH = parseTree('/prod')
const TIMEOUT_MS = 5000

const parameter = (name: string, text = `of ${name}`, version = 1): TreeParameter => ({
  name: `/prod/${name}`,
  text,
  isList: false,
  version,
})
const page = (nextToken: string | undefined, ...parameters: readonly TreeParameter[]): ParameterPage => ({
  parameters,
  ...(nextToken !== undefined && { nextToken }),
})
const error = (code: SecretsErrorCode, attempts = 1) =>
  new SecretsError(code, { ref: PATH.ref, what: 'it failed', attempts })

type Answer = ParameterPage | SecretsError
interface Asked {
  readonly nextToken: string | undefined
  readonly timeoutMs: number
}

/** A tree whose pages a test decides, by their number from 1. */
function tree(answer: (number: number, asked: Asked) => Answer) {
  const clock = new ManualClock()
  const asked: Asked[] = []
  const attempts = { count: 0 }
  const contexts: LoadContext[] = []
  const controller = new AbortController()
  const isBackground = { now: false }
  const context: LoadContext = {
    signal: controller.signal,
    isProbe: false,
    onAttempt: () => (attempts.count += 1),
    get isBackground() {
      return isBackground.now
    },
  }
  const load = (path = PATH) =>
    loadTree(
      path,
      {
        clock,
        timeoutMs: TIMEOUT_MS,
        loadPage: (_path, request, pageContext) => {
          asked.push(request)
          contexts.push(pageContext)
          pageContext.onAttempt()
          const given = answer(asked.length, request)
          return given instanceof SecretsError ? Promise.reject(given) : Promise.resolve(given)
        },
      },
      context,
    )
  const value = async () => treeOf((await load()).text ?? '', 'flat-tree', PATH.ref)
  return { clock, asked, attempts, contexts, controller, isBackground, load, value }
}

const tokens = (asked: readonly Asked[]) => asked.map(({ nextToken }) => nextToken)

describe('the pages of a path', () => {
  test('are asked for one after the other, each by the token of the one before', async () => {
    const pages = [page('t1', parameter('a')), page('t2', parameter('b')), page(undefined, parameter('c/d'))]
    const { asked, value } = tree((number) => pages[number - 1] ?? page('?'))
    await expect(value()).resolves.toEqual({ a: 'of a', b: 'of b', 'c/d': 'of c/d' })
    expect(tokens(asked)).toEqual([undefined, 't1', 't2'])
  })

  test('may be empty, the first and the last ones too', async () => {
    const pages = [page('t1'), page('t2'), page('t3', parameter('a')), page('t4'), page(undefined)]
    const { asked, value } = tree((number) => pages[number - 1] ?? page('?'))
    await expect(value()).resolves.toEqual({ a: 'of a' })
    expect(asked).toHaveLength(5)
  })

  test('that hold nothing at all are no value, and their requests are counted', async () => {
    const { load } = tree((number) => page(number < 3 ? `t${number}` : undefined))
    await expect(load()).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      ref: PATH.ref,
      attempts: 3,
      retryable: false,
      hint: expect.stringContaining('default: {}') as string,
    })
  })

  test('come to one text, in whatever order they list what', async () => {
    const names = ['c', 'a', 'b']
    const one = tree(() => page(undefined, ...names.map((name) => parameter(name))))
    const other = tree((number) =>
      page(number < 3 ? `t${number}` : undefined, parameter(names.toReversed()[number - 1] ?? '')),
    )
    expect((await one.load()).text).toBe((await other.load()).text)
  })

  test('have no ARN and no version of their own', async () => {
    const { load } = tree(() => page(undefined, parameter('a')))
    const { text, ...provenance } = await load()
    expect(text).toBeTypeOf('string')
    expect(provenance).toStrictEqual({ name: '/prod/' })
  })

  test('below "/" keep the whole names, with or without a slash in front', async () => {
    const all = [parameter('a'), { name: 'bare', text: 'x', isList: false }]
    const { load } = tree(() => page(undefined, ...all))
    const { text = '' } = await load(parseTree('/'))
    expect(treeOf(text, 'tree', 'ssm:/')).toEqual({ prod: { a: 'of a' }, bare: 'x' })
  })
})

describe('a source that does not keep to the path', () => {
  test.each([
    '/other/a',
    '/prod',
    '/prod/',
    '/production/a',
    '/Prod/a',
    'a',
    '',
    '/prod//a',
    '/prod/a/',
    '/prod/a//b',
  ])('is refused: %j', async (name) => {
    const odd = { name, text: 'x', isList: false }
    const { load } = tree(() => page(undefined, parameter('a'), odd))
    await expect(load()).rejects.toMatchObject({
      code: 'ERR_RESPONSE_MISMATCH',
      ref: PATH.ref,
      retryable: false,
    })
  })

  test('only seems not to where the first slash is left out', async () => {
    const { value } = tree(() => page(undefined, { name: 'prod/a', text: 'x', isList: false }))
    await expect(value()).resolves.toEqual({ a: 'x' })
  })
})

describe('a parameter that changes between two pages', () => {
  test.each([
    ['newer', 2, 'new'],
    ['older', 1, 'newest'],
  ])('counts once, and the newest counts: the second is %s', async (_title, version, expected) => {
    const first = parameter('a', version === 2 ? 'old' : 'newest', version === 2 ? 1 : 2)
    const { value } = tree((number) =>
      number === 1
        ? page('t', first)
        : page(undefined, parameter('a', expected === 'new' ? 'new' : 'old', version)),
    )
    await expect(value()).resolves.toEqual({ a: expected })
  })

  test('the later page counts where none has a version', async () => {
    const unversioned = (text: string) => ({ name: '/prod/a', text, isList: false })
    const { value } = tree((number) =>
      number === 1 ? page('t', unversioned('old')) : page(undefined, unversioned('new')),
    )
    await expect(value()).resolves.toEqual({ a: 'new' })
  })
})

describe('tokens', () => {
  test('the empty one leads nowhere', async () => {
    const { value, asked } = tree(() => page('', parameter('a')))
    await expect(value()).resolves.toEqual({ a: 'of a' })
    expect(asked).toHaveLength(1)
  })

  test('one that leads to itself ends it', async () => {
    const { load, asked } = tree(() => page('same', parameter('a')))
    await expect(load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true, attempts: 2 })
    expect(asked).toHaveLength(2)
  })

  test('a circle of them ends it', async () => {
    const { load, asked } = tree((number) => page(`t${number % 3}`, parameter('a')))
    await expect(load()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 4 })
    expect(asked).toHaveLength(4)
  })

  test('ever new ones end with the deadline, however fast the pages come', async () => {
    const { load, clock, asked } = tree((number) => {
      clock.advance(10)
      return page(`t${number}`)
    })
    await expect(load()).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true, attempts: 500 })
    expect(asked).toHaveLength(TIMEOUT_MS / 10)
  })

  test('one that has expired begins it anew, once', async () => {
    const { value, asked } = tree((number, { nextToken }) => {
      if (number === 2) return error('ERR_REQUEST_REFUSED')
      return nextToken === undefined
        ? page(`t${number}`, parameter('a', `${number}`))
        : page(undefined, parameter('b'))
    })
    await expect(value()).resolves.toEqual({ a: '3', b: 'of b' })
    expect(tokens(asked)).toEqual([undefined, 't1', undefined, 't3'])
  })

  test('one that expires each time is what it is', async () => {
    const { load, asked } = tree((number, { nextToken }) =>
      nextToken === undefined ? page(`t${number}`, parameter('a')) : error('ERR_REQUEST_REFUSED'),
    )
    await expect(load()).rejects.toMatchObject({ code: 'ERR_REQUEST_REFUSED', attempts: 4 })
    expect(asked).toHaveLength(4)
  })

  test('a first page that is refused is not asked for again', async () => {
    const { load, asked } = tree(() => error('ERR_REQUEST_REFUSED'))
    await expect(load()).rejects.toMatchObject({ code: 'ERR_REQUEST_REFUSED', attempts: 1 })
    expect(asked).toHaveLength(1)
  })

  test.each([
    'ERR_ACCESS_DENIED',
    'ERR_THROTTLED',
    'ERR_UNAVAILABLE',
    'ERR_CREDENTIALS',
    'ERR_RESPONSE_MISMATCH',
  ] as const)('%s in the middle ends it with the number of requests', async (code) => {
    const { load, asked } = tree((number) =>
      number === 3 ? error(code) : page(`t${number}`, parameter('a')),
    )
    await expect(load()).rejects.toMatchObject({ code, attempts: 3 })
    expect(asked).toHaveLength(3)
  })
})

describe('time', () => {
  test('is that of all pages together: each is given what is left', async () => {
    const { load, clock, asked } = tree((number) => {
      clock.advance(1500)
      return page(number < 3 ? `t${number}` : undefined, parameter('a'))
    })
    await load()
    expect(asked.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 3500, 2000])
  })

  test('that is up during a page is told as that of all', async () => {
    const { load, clock } = tree((number) => {
      if (number === 1) return page('t')
      clock.advance(TIMEOUT_MS)
      return error('ERR_TIMEOUT')
    })
    await expect(load()).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      attempts: 2,
      message: expect.stringContaining('not all pages of the path came within 5000 ms') as string,
    })
  })

  test('that is not up is that of the one request', async () => {
    const { load, clock } = tree((number) => {
      clock.advance(2000)
      return number === 1 ? page('t') : error('ERR_TIMEOUT')
    })
    await expect(load()).rejects.toMatchObject({ what: 'it failed', attempts: 2 })
  })
})

describe('the context of a page', () => {
  test('tells of the first request only when the value is that old', async () => {
    const { load, attempts } = tree((number) => page(number < 4 ? `t${number}` : undefined, parameter('a')))
    await load()
    expect(attempts.count).toBe(1)
  })

  test('tells of the first page again when it begins anew', async () => {
    const { load, attempts } = tree((number) => {
      if (number === 2) return error('ERR_REQUEST_REFUSED')
      return page(number < 4 ? `t${number}` : undefined, parameter('a'))
    })
    await load()
    expect(attempts.count).toBe(2)
  })

  test('is as urgent as the load is now, and ends with it', async () => {
    const { load, contexts, isBackground, controller } = tree(() => page(undefined, parameter('a')))
    await load()
    const [context] = contexts
    expect(context?.signal).toBe(controller.signal)
    expect(context?.isBackground).toBe(false)
    isBackground.now = true
    expect(context?.isBackground).toBe(true)
  })

  test('the reason of an abort is handed on as it is', async () => {
    const reason = new Error('left')
    const clock = new ManualClock()
    const context = {
      signal: AbortSignal.abort(reason),
      isProbe: false,
      isBackground: false,
      onAttempt: () => undefined,
    }
    const load = loadTree(PATH, { clock, timeoutMs: 1, loadPage: () => Promise.reject(reason) }, context)
    await expect(load).rejects.toBe(reason)
  })
})
