import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

const put = (emulator: Emulator, Name: string, Value = 'v', options: object = {}) =>
  emulator.call('PutParameter', { Name, Value, Type: 'String', ...options })

describe('GetParameters', () => {
  test('answers in alphabetical order, each name once', async () => {
    const { emulator } = await start()
    for (const name of ['/b', '/a', '/c']) put(emulator, name)
    const { Parameters, InvalidParameters } = emulator.call('GetParameters', {
      Names: ['/c', '/a:1', '/x', '/c', '/b'],
    })
    expect(Parameters).toMatchObject([{ Name: '/a', Selector: ':1' }, { Name: '/b' }, { Name: '/c' }])
    expect(InvalidParameters).toEqual(['/x'])
  })
})

describe('GetParametersByPath', () => {
  /** Names on each page. */
  function pages(emulator: Emulator, input: object): string[][] {
    const found: string[][] = []
    let next: object | undefined = {}
    while (next !== undefined) {
      const { Parameters, NextToken } = emulator.call('GetParametersByPath', { ...input, ...next })
      found.push(Array.isArray(Parameters) ? Parameters.map(({ Name }: { Name: string }) => Name) : [])
      next = NextToken === undefined ? undefined : { NextToken }
    }
    return found
  }

  async function startWithTree() {
    const started = await start()
    const names = ['/app/a', '/app/b', '/app/deep/c', '/app/deep/er/d', '/application', '/top', 'bare']
    for (const name of names) put(started.emulator, name)
    return started
  }

  test.each<[string, boolean, string[]]>([
    ['/app', false, ['/app/a', '/app/b']],
    ['/app/', false, ['/app/a', '/app/b']],
    ['/app', true, ['/app/a', '/app/b', '/app/deep/c', '/app/deep/er/d']],
    ['/app/deep', true, ['/app/deep/c', '/app/deep/er/d']],
    ['/app/a', true, []],
    ['/', false, ['/application', 'bare', '/top']],
    ['/none', true, []],
  ])('%s, recursive %s', async (Path, Recursive, names) => {
    const { emulator } = await startWithTree()
    expect(pages(emulator, { Path, Recursive }).flat()).toEqual(names)
  })

  test('holds ten parameters a page unless told otherwise', async () => {
    const { emulator } = await start()
    for (let index = 0; index < 12; index += 1) put(emulator, `/p/n${index}`)
    expect(pages(emulator, { Path: '/p' }).map(({ length }) => length)).toEqual([10, 2])
    expect(pages(emulator, { Path: '/p', MaxResults: 5 }).map(({ length }) => length)).toEqual([5, 5, 2])
  })

  test('a page may be empty and still have a next one, because filters apply to the page', async () => {
    const { emulator } = await startWithTree()
    put(emulator, '/app/z', 'v', { Type: 'SecureString' })
    const ParameterFilters = [{ Key: 'Type', Values: ['SecureString'] }]
    expect(pages(emulator, { Path: '/app', ParameterFilters, MaxResults: 1 })).toEqual([[], [], ['/app/z']])
  })

  test.each<[object, string[]]>([
    [{ Key: 'Type', Option: 'BeginsWith', Values: ['String'] }, ['/p/list', '/p/text']],
    [{ Key: 'KeyId', Values: ['alias/aws/ssm'] }, ['/p/secure']],
    [{ Key: 'Label', Values: ['mine'] }, ['/p/text']],
  ])('filters by %j', async (filter, names) => {
    const { emulator } = await start()
    put(emulator, '/p/text')
    put(emulator, '/p/list', 'a,b', { Type: 'StringList' })
    put(emulator, '/p/secure', 'v', { Type: 'SecureString' })
    emulator.call('LabelParameterVersion', { Name: '/p/text', Labels: ['mine'] })
    expect(pages(emulator, { Path: '/p', ParameterFilters: [filter] }).flat()).toEqual(names)
  })

  test('shows the version that has the label', async () => {
    const { emulator } = await start()
    put(emulator, '/p/a', 'v1')
    emulator.call('LabelParameterVersion', { Name: '/p/a', Labels: ['mine'] })
    put(emulator, '/p/a', 'v2', { Overwrite: true })
    const ParameterFilters = [{ Key: 'Label', Values: ['mine'] }]
    expect(emulator.call('GetParametersByPath', { Path: '/p', ParameterFilters })).toMatchObject({
      Parameters: [{ Value: 'v1', Version: 1 }],
    })
  })

  test.each<[object, string]>([
    [{ Path: 'p' }, 'ValidationException'],
    [{ Path: '/p//q' }, 'ValidationException'],
    [{ Path: '/p', ParameterFilters: [{ Key: 'Name', Values: ['x'] }] }, 'InvalidFilterKey'],
    [{ Path: '/p', ParameterFilters: [{ Key: 'Type' }] }, 'InvalidFilterValue'],
    [
      { Path: '/p', ParameterFilters: [{ Key: 'Label', Option: 'BeginsWith', Values: ['x'] }] },
      'InvalidFilterOption',
    ],
    [{ Path: '/p', NextToken: 'nonsense' }, 'InvalidNextToken'],
  ])('refuses %j', async (input, code) => {
    const { emulator } = await start()
    expect(refusalOf(() => emulator.call('GetParametersByPath', input)).code).toBe(code)
  })
})

describe('DescribeParameters', () => {
  const describeNames = (emulator: Emulator, input: object = {}) => {
    const { Parameters } = emulator.call('DescribeParameters', input)
    return Array.isArray(Parameters) ? Parameters.map(({ Name }: { Name: string }) => Name) : []
  }

  test.each<[object[], string[]]>([
    [[], ['/p/deep/secure', '/p/list', '/top']],
    [[{ Key: 'Name', Values: ['p/list', '/top'] }], ['/p/list', '/top']],
    [[{ Key: 'Name', Option: 'BeginsWith', Values: ['/p/'] }], ['/p/deep/secure', '/p/list']],
    [[{ Key: 'Name', Option: 'Contains', Values: ['e'] }], ['/p/deep/secure']],
    [[{ Key: 'Path', Values: ['/p'] }], ['/p/list']],
    [[{ Key: 'Path', Option: 'Recursive', Values: ['/p'] }], ['/p/deep/secure', '/p/list']],
    [[{ Key: 'Tier', Values: ['Advanced'] }], ['/top']],
    [[{ Key: 'DataType', Values: ['text'] }], ['/p/deep/secure', '/p/list', '/top']],
    [
      [
        { Key: 'Type', Values: ['String'] },
        { Key: 'Path', Values: ['/p'] },
      ],
      [],
    ],
  ])('shows by %j', async (ParameterFilters, names) => {
    const { emulator } = await start()
    put(emulator, '/p/deep/secure', 'v', { Type: 'SecureString' })
    put(emulator, '/p/list', 'a,b', { Type: 'StringList' })
    put(emulator, '/top', 'v', { Tier: 'Advanced' })
    expect(describeNames(emulator, { ParameterFilters })).toEqual(names)
  })

  test('shows everything but the value, page by page', async () => {
    const { emulator, clock } = await start()
    put(emulator, '/a', 'v1', { Description: 'words', AllowedPattern: 'v\\d' })
    put(emulator, '/b')
    const first = emulator.call('DescribeParameters', { MaxResults: 1 })
    expect(first['Parameters']).toEqual([
      {
        Name: '/a',
        ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/a',
        Type: 'String',
        LastModifiedDate: clock.now() / 1000,
        Description: 'words',
        AllowedPattern: 'v\\d',
        Version: 1,
        Tier: 'Standard',
        Policies: [],
        DataType: 'text',
      },
    ])
    expect(describeNames(emulator, { NextToken: first['NextToken'] })).toEqual(['/b'])
  })

  test('refuses the old filters, which the emulator does not know', async () => {
    const { emulator } = await start()
    expect(refusalOf(() => describeNames(emulator, { Filters: [] })).code).toBe('ValidationException')
  })
})
