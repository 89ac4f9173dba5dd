import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type RefRedaction, createRedactor } from '../../src/redact/redact.js'

/** What is shown of `ref`. */
function shown(setting: RefRedaction | undefined, ref: string): string {
  const redact = createRedactor(setting)
  return redact === undefined ? ref : redact(ref)
}

test.each([undefined, false])('references are shown as they are where the setting is %s', (setting) => {
  expect(createRedactor(setting)).toBeUndefined()
})

describe('a hash', () => {
  test.each([
    ['prod/db', 'secretsmanager:#96e5a54a41f0'],
    ['prod/db#password', 'secretsmanager:#cad64cb2d989'],
    ['ssm', 'secretsmanager:#2739e299a5da'],
    ['ssm:/prod/app/log-level', 'ssm:#79ab5e2c2e0e'],
    ['secretsmanager:ssm', 'secretsmanager:#1c1cb9996f30'],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:ssm-AbCdEf', 'secretsmanager:#947ad7be2afe'],
    ['arn:aws:ssm:eu-west-1:123456789012:parameter/prod/x:3', 'ssm:#af6f8607d814'],
    ['arn:aws-us-gov:ssm:us-gov-west-1:123456789012:parameter/x', 'ssm:#1fe0457b2860'],
  ])('of %s stands with its service', (ref, redacted) => {
    expect(shown(true, ref)).toBe(redacted)
  })

  test('is the same every time, for each client, and when very many others came between', () => {
    const redact = createRedactor(true)
    const first = redact?.('prod/db')
    expect(redact?.('prod/db')).toBe(first)
    const others = Array.from({ length: 2500 }, (_, n) => redact?.(`prod/${n}`))
    expect(new Set([first, ...others]).size).toBe(2501)
    expect(redact?.('prod/db')).toBe(first)
    expect(shown(true, 'prod/db')).toBe(first)
  })
})

describe('a function of the user', () => {
  test('decides what is shown', () => {
    expect(shown((ref) => ref.replace(/^prod\/.*/, 'prod/…'), 'prod/db')).toBe('prod/…')
    expect(shown(() => '', 'prod/db')).toBe('')
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('prod/db')
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a number', () => 1],
    ['returns an object that prints as text', () => ({ toString: () => 'prod/db' })],
    ['is asynchronous', () => Promise.resolve('prod/db')],
    ['rejects', () => Promise.reject(new Error('prod/db'))],
  ])('that %s shows nothing', async (_title, redact) => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    expect(shown(redact as () => string, 'prod/db')).toBe('[redacted]')
    await new Promise(setImmediate)
    expect(unhandled).not.toHaveBeenCalled()
  })
})
