/** All parameters below a path as one value, at the other end of the wire and with sources of one's own. */

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { SecretsClient, type SecretsClientOptions } from '../../src/index.js'
import { FakeTree, type PageAnswer, chain } from '../client/composite/fake-tree.js'
import { failureOf, recordWarnings, useAws } from '../support/aws.js'
import { FakeSource, deferred } from '../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()
const PAGES = 'GetParametersByPath'

const seed = (parameters: Readonly<Record<string, string>>) => {
  aws().emulator.seed({ parameters })
}
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_none, at) => [`/app/p${at}`, `value ${at}`]))
const drop = (Name: string) => aws().emulator.call('DeleteParameter', { Name })

/** A client with a source whose pages the test decides. */
function faked(answer: PageAnswer, options: SecretsClientOptions = {}) {
  const source = new FakeTree(answer)
  const clock = new ManualClock()
  const secrets = new SecretsClient({ sources: [source], clock, ...options })
  return { source, clock, secrets }
}

describe('a tree', () => {
  test('is nested, or flat, with lists as lists and everything decrypted', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({
      parameters: {
        '/prod/app/level': 'info',
        '/prod/app/db/host': 'db.example',
        '/prod/app/db/password': { type: 'SecureString', value: NEEDLE },
        '/prod/app/hosts': { type: 'StringList', value: ['a', 'b'] },
        '/prod/app/one': { type: 'StringList', value: ['a'] },
        '/prod/application': 'other',
        '/prod/App/level': 'other',
        '/prod/app': 'the path itself',
      },
    })
    await expect(secrets.tree('ssm:/prod/app')).resolves.toEqual({
      level: 'info',
      db: { host: 'db.example', password: NEEDLE },
      hosts: ['a', 'b'],
      one: ['a'],
    })
    await expect(secrets.tree('/prod/app/', { flat: true })).resolves.toEqual({
      level: 'info',
      'db/host': 'db.example',
      'db/password': NEEDLE,
      hosts: ['a', 'b'],
      one: ['a'],
    })
    expect(calls()).toBe(1)
  })

  test('of everything has "/" for its path', async () => {
    seed({ '/a/b': '1', bare: '2' })
    await expect(aws().secrets.tree('/')).resolves.toEqual({ a: { b: '1' }, bare: '2' })
    await expect(aws().secrets.tree('ssm:/', { flat: true })).resolves.toEqual({ 'a/b': '1', bare: '2' })
  })

  test('of hundreds of parameters takes a request for each ten', async () => {
    const { secrets, calls } = aws()
    seed(many(305))
    const tree = await secrets.tree('/app', { flat: true })
    expect(Object.keys(tree)).toHaveLength(305)
    expect(tree).toMatchObject({ p0: 'value 0', p304: 'value 304' })
    expect(secrets.stats()).toMatchObject({ requests: 31, requestsByOperation: { [PAGES]: 31 }, costUsd: 0 })
    expect(calls(PAGES)).toBe(31)
    expect(calls()).toBe(0)
  })

  test('is shared, frozen and the same for whoever asks', async () => {
    const { secrets } = aws()
    seed({ '/app/db/host': 'h' })
    const [one, other] = await Promise.all([secrets.tree('/app'), secrets.tree('ssm:/app/')])
    expect(one).toBe(other)
    expect(Object.isFrozen(one)).toBe(true)
    expect(Object.isFrozen(Object.values(one)[0])).toBe(true)
    expect(await secrets.tree('/app')).toBe(one)
  })

  test('with a parameter that is value and parent is refused, naming both; flat it is fine', async () => {
    const { secrets, calls } = aws()
    seed({ '/app/db': NEEDLE, '/app/db/host': NEEDLE })
    const failure = await failureOf(secrets.tree('/app'))
    expect(failure).toMatchObject({ code: 'ERR_DECODE', ref: 'ssm:/app/', attempts: 1 })
    expect(String(failure)).toMatch(/"db".*"db\/host".*flat: true/)
    expectNoNeedle(failure, NEEDLE)
    await expect(secrets.tree('/app', { flat: true })).resolves.toEqual({ db: NEEDLE, 'db/host': NEEDLE })
    expect(calls()).toBe(1)
  })

  test.each(['__proto__', 'constructor', 'a/__proto__/b'])('with the name %s is refused', async (name) => {
    seed({ [`/app/${name}`]: NEEDLE })
    for (const flat of [true, false]) {
      const failure = await failureOf(aws().secrets.tree('/app', { flat }))
      expect(failure).toMatchObject({ code: 'ERR_DECODE' })
      expectNoNeedle(failure, NEEDLE)
    }
  })

  test('is boxed where that is asked for', async () => {
    seed({ '/app/key': NEEDLE })
    const boxed = await aws().secrets.tree('/app', { redacted: true })
    expectNoNeedle(boxed, NEEDLE)
    expect(boxed.reveal()).toEqual({ key: NEEDLE })
    expect(aws().secrets.scrub(`it is ${NEEDLE}`)).toBe('it is [redacted]')
  })
})

describe('a path that cannot be is refused before anything is sent', () => {
  test.each(['', 'prod', '//', '/a//b', '/a:1', '/a#b', `/${'l/'.repeat(16)}`, '/prod/*'])(
    '%j',
    async (path) => {
      const { secrets, calls } = aws()
      await expect(secrets.tree(path)).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID', attempts: 0 })
      expect(calls()).toBe(0)
    },
  )

  test('nor is what is no path at all', async () => {
    const { secrets } = aws()
    const tree = secrets.tree.bind(secrets) as (...given: unknown[]) => Promise<unknown>
    await expect(tree(undefined)).rejects.toThrow(TypeError)
    await expect(tree({ name: '/a' })).rejects.toThrow(TypeError)
    for (const options of [
      { flat: 1 },
      { schema: 'x' },
      { as: 'json' },
      { parts: true },
      { ttlMs: -1 },
      null,
    ]) {
      await expect(tree('/a', options)).rejects.toThrow(TypeError)
    }
    expectNoNeedle(await failureOf(tree(NEEDLE)), NEEDLE)
    expect(aws().calls()).toBe(0)
  })
})

describe('a path without parameters', () => {
  test('is not found, and the default is for that alone', async () => {
    const { secrets, emulator } = aws()
    await expect(secrets.tree('/none')).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
      ref: 'ssm:/none/',
      attempts: 1,
    })
    await expect(secrets.tree('/none', { default: {} })).resolves.toEqual({})
    await expect(secrets.tree('/none', { default: undefined })).resolves.toBeUndefined()
    emulator.deny(`ssm:${PAGES}`)
    await expect(secrets.tree('/denied', { default: {} })).rejects.toMatchObject({
      code: 'ERR_ACCESS_DENIED',
    })
    seed({ '/app/a': '1', '/app/a/b': '2' })
    await expect(secrets.tree('/app', { default: {} })).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  test('is not asked for again for a while', async () => {
    const { secrets, calls, clock } = aws()
    await failureOf(secrets.tree('/none'))
    calls()
    await expect(secrets.tree('/none')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 0 })
    expect(calls()).toBe(0)
    seed({ '/none/a': '1' })
    await expect(secrets.tree('/none', { fresh: true })).resolves.toEqual({ a: '1' })
    drop('/none/a')
    clock.advance(TTL + WINDOW + 1)
    await failureOf(secrets.tree('/none'))
    seed({ '/none/a': '2' })
    clock.advance(60_000)
    await expect(secrets.tree('/none')).resolves.toEqual({ a: '2' })
  })
})

describe('a tree that is cached', () => {
  test('is read from the cache while fresh, whatever the view', async () => {
    const { secrets, calls, clock } = aws()
    seed({ '/app/a': '1' })
    await secrets.tree('/app')
    seed({ '/app/a': '2' })
    clock.advance(0.9 * TTL)
    await expect(secrets.tree('/app', { flat: true })).resolves.toEqual({ a: '1' })
    expect(calls()).toBe(1)
    await expect(secrets.tree('/app', { ttlMs: 0.5 * TTL })).resolves.toEqual({ a: '2' })
    seed({ '/app/a': '3' })
    await expect(secrets.tree('/app', { fresh: true })).resolves.toEqual({ a: '3' })
    await expect(secrets.tree('/app')).resolves.toEqual({ a: '3' })
    secrets.invalidate()
    seed({ '/app/b': '4' })
    await expect(secrets.tree('/app')).resolves.toEqual({ a: '3', b: '4' })
  })

  test('is answered at once a little later, and loaded anew behind it', async () => {
    const { secrets, clock, until, calls } = aws()
    seed({ '/app/a': '1' })
    await secrets.tree('/app')
    seed({ '/app/a': '2' })
    clock.advance(TTL + 1)
    await expect(secrets.tree('/app')).resolves.toEqual({ a: '1' })
    await until(() => secrets.stats().refreshes === 2)
    await expect(secrets.tree('/app')).resolves.toEqual({ a: '2' })
    expect(calls()).toBe(2)
  })

  test('is served on where the service fails, and not where access is denied', async () => {
    const { secrets, emulator, clock, passing } = aws()
    seed({ '/app/a': '1' })
    await secrets.tree('/app')
    clock.advance(TTL + WINDOW + 1)
    const mend = emulator.fail(PAGES, { error: 'InternalServerError' })
    await expect(passing(secrets.tree('/app'))).resolves.toEqual({ a: '1' })
    expect(secrets.stats().staleOnError).toBe(1)
    mend()
    emulator.deny(`ssm:${PAGES}`)
    clock.advance(60_000)
    await failureOf(passing(secrets.tree('/app', { fresh: true })))
    await expect(passing(secrets.tree('/app'))).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  test('is one entry, told as the path', async () => {
    const { secrets, events } = aws().observe()
    seed(many(25))
    await secrets.tree('/app')
    await secrets.tree('/app')
    expect(secrets.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, refreshes: 1 })
    expect(events.map(({ type }) => type)).toEqual(['miss', 'refresh', 'hit'])
    for (const event of events) expect(event).toMatchObject({ ref: 'ssm:/app/' })
    expect(secrets.stats().bytes).toBeGreaterThan(25 * 'value 00'.length)
  })

  test('that is too large is handed out and not kept', async () => {
    const { connect, calls } = aws()
    const secrets = connect({ cache: { maxBytes: 100 } })
    seed(many(11))
    expect(Object.keys(await secrets.tree('/app'))).toHaveLength(11)
    expect(Object.keys(await secrets.tree('/app'))).toHaveLength(11)
    expect(calls()).toBe(4)
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })

  test('has nothing to do with its parameters, nor with the trees around it', async () => {
    const { secrets, calls } = aws()
    seed({ '/app/db/host': 'h' })
    await secrets.tree('/app')
    await expect(secrets.tree('/app/db')).resolves.toEqual({ host: 'h' })
    await expect(secrets.get('ssm:/app/db/host')).resolves.toBe('h')
    expect(calls()).toBe(3)
  })

  test.each(['added', 'changed', 'deleted', 'retyped'])('a parameter that is %s is a change', async (how) => {
    const { emulator } = aws()
    const { secrets, told } = aws().observe()
    seed({ '/app/a': '1', '/app/b': '1' })
    await secrets.tree('/app')
    await secrets.tree('/app', { fresh: true })
    if (how === 'added') seed({ '/app/c': '1' })
    if (how === 'changed') seed({ '/app/a': '2' })
    if (how === 'deleted') drop('/app/b')
    if (how === 'retyped') {
      drop('/app/b')
      emulator.seed({ parameters: { '/app/b': { type: 'StringList', value: ['1'] } } })
    }
    await secrets.tree('/app', { fresh: true })
    expect(told('refresh').map((event) => event.ok && event.changed)).toEqual([true, false, true])
  })
})

describe('a hundred callers', () => {
  test('share the pages, and each view is decoded once', async () => {
    const { secrets, calls } = aws()
    seed(many(25))
    const asked = Array.from({ length: 100 }, (_none, at) => secrets.tree('/app', { flat: at % 2 === 0 }))
    const trees = await Promise.all(asked)
    expect(new Set(trees).size).toBe(2)
    expect(calls()).toBe(3)
  })

  test('fail together, each with an error of its own', async () => {
    const { secrets, emulator, calls } = aws()
    emulator.deny(`ssm:${PAGES}`)
    const failures = await Promise.all(Array.from({ length: 100 }, () => failureOf(secrets.tree('/app'))))
    expect(new Set(failures).size).toBe(100)
    expect(calls()).toBe(1)
  })

  test('do not need each other: one that leaves does not end the load, the last one does', async () => {
    const warnings = recordWarnings()
    const answer = deferred<unknown>()
    const { secrets, source, clock } = faked(() => answer.promise)
    const controllers = Array.from({ length: 100 }, () => new AbortController())
    const asked = controllers.map(({ signal }) => failureOf(secrets.tree('/prod', { signal })))
    await pass(clock, 1)
    for (const controller of controllers.slice(1)) controller.abort('left')
    expect(source.contexts[0]?.signal.aborted).toBe(false)
    controllers[0]?.abort('left')
    await expect(Promise.all(asked)).resolves.toEqual(asked.map(() => 'left'))
    await pass(clock, 1)
    expect(source.contexts[0]?.signal.aborted).toBe(true)
    expect(source.asked).toHaveLength(1)
    expect(clock.sleeping).toBe(0)
    expect(warnings).toEqual([])
  })
})

describe('a failure', () => {
  test('of access names the action and the path to allow', async () => {
    const { secrets, emulator } = aws()
    emulator.deny(`ssm:${PAGES}`)
    const failure = await failureOf(secrets.tree('/prod/app'))
    expect(failure).toMatchObject({ code: 'ERR_ACCESS_DENIED', ref: 'ssm:/prod/app/' })
    expect(String(failure)).toContain(
      'Allow ssm:GetParametersByPath on arn:aws:ssm:eu-west-1:<account>:parameter/prod/app in',
    )
  })

  test('of a disabled key names what to allow', async () => {
    const { secrets, emulator } = aws()
    emulator.seed({ parameters: { '/app/key': { type: 'SecureString', value: 'x' } } })
    emulator.disableKey('alias/aws/ssm')
    await expect(secrets.tree('/app')).rejects.toMatchObject({ code: 'ERR_DECRYPT', ref: 'ssm:/app/' })
  })

  test.each([
    ['a throttle', { error: 'ThrottlingException' }],
    ['an internal error', { error: 'InternalServerError' }],
    ['a cut connection', { drop: 'reset' }],
    ['a page without parameters', { body: '{}' }],
    ['a login page', { body: '<html>' }],
  ] as const)('that may pass, %s, is met with the same page again, and no other', async (_title, fault) => {
    const { connect, emulator, passing, calls } = aws()
    seed(many(35))
    let pages = 0
    // The second page and the third, each once.
    emulator.fail(PAGES, fault, { times: 2, match: () => [2, 4].includes((pages += 1)) })
    const secrets = connect({ retry: { maxAttempts: 2 } })
    expect(Object.keys(await passing(secrets.tree('/app')))).toHaveLength(35)
    expect(calls()).toBe(6)
    expect(secrets.stats()).toMatchObject({ retries: 2, refreshes: 1, failures: 0 })
  })

  test('of a page that stays is the failure of the tree, with the number of requests', async () => {
    const { secrets, emulator, passing, calls } = aws()
    seed(many(35))
    let pages = 0
    emulator.fail(PAGES, { error: 'InternalServerError' }, { match: () => (pages += 1) > 2 })
    await expect(passing(secrets.tree('/app'))).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      ref: 'ssm:/app/',
      attempts: 5,
    })
    expect(calls()).toBe(5)
  })

  test('of a token that has expired begins the walk anew', async () => {
    const { secrets, emulator, calls } = aws()
    seed(many(35))
    let pages = 0
    emulator.fail(PAGES, { error: 'InvalidNextToken' }, { times: 1, match: () => (pages += 1) === 3 })
    expect(Object.keys(await secrets.tree('/app'))).toHaveLength(35)
    expect(calls()).toBe(3 + 4)
  })

  test('of no page is half a tree', async () => {
    const { secrets, emulator } = aws()
    seed(many(35))
    let pages = 0
    emulator.fail(PAGES, { error: 'AccessDeniedException' }, { match: () => (pages += 1) > 2 })
    await expect(secrets.tree('/app')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 3 })
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('time', () => {
  test('is that of all pages together', async () => {
    const clock = new ManualClock()
    const { secrets, source } = faked(
      async (token) => {
        await clock.sleep(1900)
        return chain(9)(token, { signal: new AbortController().signal })
      },
      { clock },
    )
    const failure = await failureOf(whileTimePasses(clock, secrets.tree('/prod')))
    expect(failure).toMatchObject({ code: 'ERR_TIMEOUT', ref: 'ssm:/prod/', retryable: true, attempts: 3 })
    expect(clock.mono).toBe(5000)
    expect(source.asked).toHaveLength(3)
    await pass(clock, 3000)
    expect(clock.sleeping).toBe(0)
  })

  test('a page that never answers is asked for again within it', async () => {
    let stuck = 0
    const { secrets, source, clock } = faked((token, context) => {
      if (token === '2' && (stuck += 1) === 1) return new Promise(() => undefined)
      return chain(3)(token, context)
    })
    await expect(whileTimePasses(clock, secrets.tree('/prod'))).resolves.toEqual({
      p1: 'text 1',
      p2: 'text 2',
      p3: 'text 3',
    })
    expect(source.asked.map(([, token]) => token)).toEqual([undefined, '2', '2', '3'])
    expect(clock.mono).toBeLessThan(5000)
    expect(clock.sleeping).toBe(0)
  })

  test('a value is as old as its first page', async () => {
    const clock = new ManualClock()
    let walks = 0
    const { secrets, source } = faked(
      async (token, context) => {
        if (token === undefined) walks += 1
        else await clock.sleep(1000)
        return chain(3, () => String(walks))(token, context)
      },
      { clock, cache: { ttlMs: 10_000, staleWhileRevalidateMs: 0 } },
    )
    await whileTimePasses(clock, secrets.tree('/prod'), 100)
    expect(clock.mono).toBeGreaterThanOrEqual(2000)
    clock.advance(10_001 - clock.mono)
    await expect(whileTimePasses(clock, secrets.tree('/prod'), 100)).resolves.toMatchObject({ p1: '2' })
    expect(source.asked).toHaveLength(6)
  })
})

describe('in the middle', () => {
  test('an abort ends the wait at once and asks for no further page', async () => {
    const second = deferred<unknown>()
    const { secrets, source, clock } = faked((token, context) =>
      token === undefined ? chain(9)(token, context) : second.promise,
    )
    const controller = new AbortController()
    const asked = failureOf(secrets.tree('/prod', { signal: controller.signal }))
    await pass(clock, 1)
    expect(source.asked).toHaveLength(2)
    controller.abort('left')
    await expect(asked).resolves.toBe('left')
    second.resolve(chain(9)('2', { signal: controller.signal }))
    await pass(clock, 10)
    expect(source.asked).toHaveLength(2)
    expect(clock.sleeping).toBe(0)
    expect(secrets.stats().entries).toBe(0)
  })

  test('close ends every wait, and nothing is kept', async () => {
    const second = deferred<unknown>()
    const { secrets, source, clock } = faked((token, context) =>
      token === undefined ? chain(9)(token, context) : second.promise,
    )
    const asked = Promise.all(Array.from({ length: 10 }, () => failureOf(secrets.tree('/prod'))))
    await pass(clock, 1)
    await secrets.close()
    for (const failure of await asked) expect(failure).toMatchObject({ code: 'ERR_CLOSED' })
    second.resolve(chain(9)('2', { signal: new AbortController().signal }))
    await pass(clock, 10)
    expect(source.asked).toHaveLength(2)
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
    await expect(secrets.tree('/prod')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(clock.sleeping).toBe(0)
  })

  test('invalidate: what was under way is not kept', async () => {
    const second = deferred<unknown>()
    const { secrets, source, clock } = faked((token, context) =>
      token === undefined ? chain(2)(token, context) : second.promise,
    )
    const asked = secrets.tree('/prod')
    await pass(clock, 1)
    secrets.invalidate()
    second.resolve(chain(2)('2', { signal: new AbortController().signal }))
    await expect(asked).resolves.toEqual({ p1: 'text 1', p2: 'text 2' })
    expect(secrets.stats().entries).toBe(0)
    await secrets.tree('/prod')
    expect(source.asked).toHaveLength(4)
  })

  test('a parameter that changes: each is what it was when its page was read', async () => {
    const { secrets, emulator } = aws()
    seed(many(15))
    let pages = 0
    emulator.fail(
      PAGES,
      { error: 'unused' },
      {
        match: () => {
          if ((pages += 1) === 2) seed({ '/app/p0': 'new', '/app/p9': 'new' })
          return false
        },
      },
    )
    const tree = await secrets.tree('/app')
    expect(tree).toMatchObject({ p0: 'value 0', p9: 'new' })
    expect(Object.keys(tree)).toHaveLength(15)
  })
})

describe('a schema', () => {
  const Config = z.object({ level: z.enum(['info', 'debug']), db: z.object({ port: z.coerce.number() }) })
  const schema = {
    type: 'object',
    properties: { level: { enum: ['info', 'debug'] } },
    required: ['level'],
  } as const

  test('gives the tree its type and its values', async () => {
    seed({ '/app/level': 'info', '/app/db/port': '5432' })
    const config = await aws().secrets.tree('/app', { schema: Config })
    expect(config).toEqual({ level: 'info', db: { port: 5432 } })
    const port: number = config.db.port
    expect(port).toBe(5432)
    await expect(aws().secrets.tree('/app', { schema })).resolves.toMatchObject({ level: 'info' })
    expect(aws().calls()).toBe(1)
  })

  test('can be one of the flat view', async () => {
    seed({ '/app/level': 'info', '/app/db/port': '5432' })
    const flat = z.object({ 'db/port': z.coerce.number() })
    await expect(aws().secrets.tree('/app', { schema: flat, flat: true })).resolves.toEqual({
      'db/port': 5432,
    })
  })

  test.each([
    ['a Standard Schema', Config],
    ['a JSON Schema', schema],
  ])('that refuses names the path and the place, not the value: %s', async (_title, given) => {
    seed({ '/app/level': NEEDLE, '/app/db/port': '1' })
    const failure = await failureOf(aws().secrets.tree('/app', { schema: given }))
    expect(failure).toMatchObject({ code: 'ERR_SCHEMA', ref: 'ssm:/app/', attempts: 1 })
    expect(String(failure)).toContain('level')
    expectNoNeedle(failure, NEEDLE)
  })

  test('that refuses a later version gets the one before, for a while', async () => {
    const { clock } = aws()
    const { secrets, told } = aws().observe()
    seed({ '/app/level': 'info' })
    const before = await secrets.tree('/app', { schema })
    seed({ '/app/level': 'loud' })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.tree('/app', { schema })).resolves.toBe(before)
    expect(told('decode-failed')).toMatchObject([
      { ref: 'ssm:/app/', code: 'ERR_SCHEMA', servedPrevious: true },
    ])
    await expect(secrets.tree('/app')).resolves.toEqual({ level: 'loud' })
  })

  test('a parameter that becomes a parent: the tree before is served, for a while', async () => {
    const { clock, secrets } = aws()
    seed({ '/app/level': 'info' })
    await secrets.tree('/app')
    seed({ '/app/level/x': '1' })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.tree('/app')).resolves.toEqual({ level: 'info' })
    await expect(secrets.tree('/app', { fresh: true })).rejects.toMatchObject({ code: 'ERR_DECODE' })
  })
})

describe('a source of one’s own', () => {
  test('is given the path, the token, a signal and somebody to tell of requests', async () => {
    const { secrets, source } = faked((token, context) => {
      context.onRequest?.('ListEverything')
      return chain(2)(token, context)
    })
    await expect(secrets.tree('/prod')).resolves.toEqual({ p1: 'text 1', p2: 'text 2' })
    expect(source.asked).toEqual([
      ['/prod/', undefined],
      ['/prod/', '2'],
    ])
    expect(secrets.stats().requestsByOperation).toEqual({ ListEverything: 2 })
  })

  test('that does not tell of requests is counted by its pages', async () => {
    const { secrets } = faked(chain(3))
    await secrets.tree('/prod')
    expect(secrets.stats().requests).toBe(3)
  })

  test('without loadPage has no trees, which is told and not remembered', async () => {
    const secrets = new SecretsClient({
      sources: [new FakeSource({ text: 'x' }, 'ssm')],
      clock: new ManualClock(),
    })
    for (let read = 0; read < 2; read += 1) {
      await expect(secrets.tree('/prod')).rejects.toMatchObject({
        code: 'ERR_REFERENCE_INVALID',
        ref: 'ssm:/prod/',
        hint: expect.stringContaining('loadPage()') as string,
      })
    }
    await expect(secrets.get('ssm:/prod')).resolves.toBe('x')
  })

  const PARAMETER = { name: '/prod/a', text: 'x', isList: false }
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', NEEDLE],
    ['an empty object', {}],
    ['no list', { parameters: {} }],
    ['a hole', { parameters: [PARAMETER, undefined] }],
    ['a nameless parameter', { parameters: [{ ...PARAMETER, name: undefined, text: NEEDLE }] }],
    ['a parameter without text', { parameters: [{ ...PARAMETER, text: Buffer.from(NEEDLE) }] }],
    ['a parameter without a type', { parameters: [{ name: '/prod/a', text: NEEDLE }] }],
  ])('that answers %s is told to be broken', async (_title, answer) => {
    const { secrets } = faked(() => answer, { retry: { maxAttempts: 1 } })
    const failure = await failureOf(secrets.tree('/prod'))
    expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', ref: 'ssm:/prod/' })
    expect(String(failure)).toContain('gave no page of parameters')
    expectNoNeedle(failure, NEEDLE)
  })

  test.each([0, 7, true, {}, ['more']])(
    'that leads on with %j is told to be broken: no page is left out unnoticed',
    async (nextToken) => {
      const { secrets } = faked(() => ({ parameters: [PARAMETER], nextToken }), { retry: { maxAttempts: 1 } })
      await expect(secrets.tree('/prod')).rejects.toMatchObject({
        code: 'ERR_UNAVAILABLE',
        ref: 'ssm:/prod/',
      })
    },
  )

  test.each(['/other/a', '/production/a', '/prod', '/prod//a', ''])(
    'that answers the parameter %j is refused',
    async (name) => {
      const { secrets } = faked(() => ({ parameters: [{ ...PARAMETER, name }] }))
      await expect(secrets.tree('/prod')).rejects.toMatchObject({
        code: 'ERR_RESPONSE_MISMATCH',
        ref: 'ssm:/prod/',
      })
    },
  )

  test.each<[string, PageAnswer]>([
    [
      'throws',
      () => {
        throw new Error(NEEDLE)
      },
    ],
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    ['answers an error', () => ({ error: new Error(NEEDLE) })],
    [
      'has members that throw',
      () => ({
        get parameters() {
          throw new Error(NEEDLE)
        },
      }),
    ],
  ])('that %s is quoted nowhere', async (_title, answer) => {
    const { secrets } = faked(answer, { retry: { maxAttempts: 1 } })
    const failure = await failureOf(secrets.tree('/prod'))
    expect(failure).toMatchObject({ name: 'SecretsError', ref: 'ssm:/prod/' })
    expectNoNeedle(failure, NEEDLE)
  })

  test('that leads in circles is stopped', async () => {
    const { secrets, source } = faked(() => ({ parameters: [PARAMETER], nextToken: 'again' }), {
      retry: { maxAttempts: 1 },
    })
    await expect(secrets.tree('/prod')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true })
    expect(source.asked).toHaveLength(2)
  })

  test('that leads on for ever is stopped by the deadline, however fast it is', async () => {
    let pages = 0
    const clock = new ManualClock()
    const { secrets } = faked(
      () => {
        clock.advance(1)
        return { parameters: [], nextToken: String((pages += 1)) }
      },
      { clock, retry: { timeoutMs: 100 } },
    )
    await expect(secrets.tree('/prod')).rejects.toMatchObject({ code: 'ERR_TIMEOUT', ref: 'ssm:/prod/' })
    expect(pages).toBeLessThanOrEqual(100)
  })
})
