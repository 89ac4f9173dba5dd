import { describe, expectTypeOf, test } from 'vitest'
import type {
  LoadFailedEvent,
  LoadedEvent,
  SecretsEvent,
  SecretsEventListener,
} from '../../src/observe/events.js'

type MembersOf<Event> = Event extends unknown ? Event[keyof Event] : never

describe('events', () => {
  test('are a closed union', () => {
    const subject = (event: SecretsEvent): string | number => {
      switch (event.type) {
        case 'hit':
        case 'miss':
        case 'stale':
        case 'refresh':
        case 'evict':
        case 'identity-changed':
        case 'decode-failed':
        case 'rejected':
        case 'recovered':
        case 'gave-up':
          return event.ref
        case 'retry':
        case 'throttle':
        case 'batch':
          return event.service
        case 'clock-anomaly':
          return event.skewMs
        default:
          return event satisfies never
      }
    }
    expectTypeOf(subject).parameter(0).toEqualTypeOf<SecretsEvent>()
  })

  test('have members that JSON can hold, and no others', () => {
    expectTypeOf<MembersOf<SecretsEvent>>().toExtend<string | number | boolean | undefined>()
  })

  test('that tell of a load say by `ok` how it ended', () => {
    type Load = Extract<SecretsEvent, { type: 'refresh' }>
    expectTypeOf<Extract<Load, { ok: true }>>().toEqualTypeOf<LoadedEvent>()
    expectTypeOf<Extract<Load, { ok: false }>>().toEqualTypeOf<LoadFailedEvent>()
  })

  test('are read-only', () => {
    const listener: SecretsEventListener = (event) => {
      // @ts-expect-error: events are frozen
      event.at = 0
    }
    expectTypeOf(listener).parameter(0).toEqualTypeOf<SecretsEvent>()
  })

  test('are handed to functions of any result, asynchronous ones too', () => {
    expectTypeOf<(event: SecretsEvent) => Promise<void>>().toExtend<SecretsEventListener>()
    expectTypeOf<() => void>().toExtend<SecretsEventListener>()
  })
})
