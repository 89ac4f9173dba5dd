import { describe, expect, test } from 'vitest'
import { RequestOrder } from '../../src/cache/request-order.js'

describe('RequestOrder', () => {
  test('an answer to an earlier request comes too late after that to a later one', () => {
    const order = new RequestOrder()
    const [first, second] = [order.next(), order.next()]
    expect(order.land('key', 'key', second)).toBe(true)
    expect(order.land('key', 'key', first)).toBe(false)
    expect(order.land('other', 'other', first)).toBe(true)
  })

  test('and after an invalidation, under any key of the home', () => {
    const order = new RequestOrder()
    const before = order.next()
    order.invalidate('name', 'home')
    const after = order.next()
    expect(order.isInvalidated('arn', 'home', before)).toBe(true)
    expect(order.land('arn', 'home', before)).toBe(false)
    expect(order.land('arn', 'home', after)).toBe(true)
  })

  test('what was invalidated under a key is so under the home that it is found to have', () => {
    const order = new RequestOrder()
    const [first, second] = [order.next(), order.next()]
    order.invalidate('name', 'name')
    expect(order.land('name', 'home', second)).toBe(false)
    expect(order.isInvalidated('arn', 'home', first)).toBe(true)
  })

  test('everything can be invalidated at once', () => {
    const order = new RequestOrder()
    const before = order.next()
    order.invalidateAll()
    expect(order.land('key', 'key', before)).toBe(false)
    expect(order.land('key', 'key', order.next())).toBe(true)
  })

  test('what no request under way can come too late for is forgotten', () => {
    const order = new RequestOrder()
    const oldest = order.next()
    for (let n = 0; n < 1000; n += 1) order.land(`key ${n}`, `key ${n}`, order.next())
    expect(order.isCrowded).toBe(false)
    order.land('one more', 'one more', order.next())
    expect(order.isCrowded).toBe(true)
    order.prune(oldest)
    expect(order.isCrowded).toBe(false)
    expect(order.land('one more', 'one more', oldest)).toBe(false)
    order.prune(Infinity)
    expect(order.land('one more', 'one more', oldest)).toBe(true)
  })
})
