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

// One client for each execution environment: its cache outlives the single invocation.
const secrets = new SecretsClient()

// Runs at init, before the first order: a reference that is misspelt, missing or denied fails here.
await Promise.all([secrets.get(API_KEY), secrets.get(API_URL)])

export async function handler(order: Order): Promise<Charge> {
  let response = await charge(order)
  // The key was rotated while it was cached. Without a newer one a second try is pointless.
  if (response.status === 401 && (await secrets.refresh(API_KEY)).changed) response = await charge(order)
  return { orderId: order.orderId, accepted: response.ok }
}

async function charge(order: Order): Promise<Response> {
  // Read here and not into a constant, which would keep its value for as long as the environment lives.
  const [apiKey, url] = await Promise.all([secrets.get(API_KEY), secrets.get(API_URL)])
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
