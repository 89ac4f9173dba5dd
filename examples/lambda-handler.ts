/** A Lambda function that charges orders. Bundle it as an ES module: it awaits at the top level. */

import { SecretsClient } from 'aws-secrets-client'
import { rejectedByHttp } from 'aws-secrets-client/rejections'

interface Order {
  readonly orderId: string
  readonly cents: number
}

interface Charge {
  readonly orderId: string
  readonly accepted: boolean
}

class Refused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the payment service answered ${status}`)
    this.status = status
  }
}

const API_KEY = 'prod/payments#apiKey'
const API_URL = 'ssm:/prod/payments/url'

// One client for each execution environment: its cache outlives the single invocation. After an idle time the first order
// is charged at once with the values at hand, while newer ones are asked for; and with those, too, while AWS is down.
const secrets = new SecretsClient()

// Runs at init, before the first order: a reference that is misspelt, missing or denied fails here.
await Promise.all([secrets.get(API_KEY), secrets.get(API_URL)])

export async function handler(order: Order): Promise<Charge> {
  // Read here and not into a constant, which would keep its value for as long as the environment lives.
  const url = await secrets.get(API_URL)
  try {
    // The key may have been rotated, perhaps while this environment was frozen: then AWS is asked for a newer one.
    await secrets.withSecret(API_KEY, { isRejected: rejectedByHttp, windowMs: 0 }, async (apiKey) => {
      const response = await charge(order, url, apiKey)
      if (!response.ok) throw new Refused(response.status)
    })
    return { orderId: order.orderId, accepted: true }
  } catch (error) {
    if (error instanceof Refused) return { orderId: order.orderId, accepted: false }
    throw error
  }
}

function charge(order: Order, url: string, apiKey: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': order.orderId,
    },
    body: JSON.stringify(order),
  })
}
