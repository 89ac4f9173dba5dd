/** A Lambda function that charges orders. Bundle it as an ES module: it awaits at the top level. */

import { SecretsClient } from 'aws-secrets-client'

interface Order {
  readonly orderId: string
  readonly cents: number
}

interface Charge {
  readonly orderId: string
  readonly accepted: boolean
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
  const [apiKey, url] = await Promise.all([secrets.get(API_KEY), secrets.get(API_URL)])
  let response = await charge(order, url, apiKey)
  if (response.status === 401) {
    // The key was rotated while it was cached. Without a newer one a second try is pointless.
    const newest = await secrets.get(API_KEY, { fresh: true })
    if (newest !== apiKey) response = await charge(order, url, newest)
  }
  return { orderId: order.orderId, accepted: response.ok }
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
