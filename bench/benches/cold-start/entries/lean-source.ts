/**
 * The lean source alone reads a secret: what the transport costs, without the client in front of it.
 *
 * @module
 */

import { leanSources } from 'aws-secrets-client/lean'
import { report } from '../report.js'

const [source] = leanSources()
const reference = { service: 'secretsmanager', ref: 'prod/db', key: 'prod/db', name: 'prod/db' } as const
const loading = source?.load([reference], { signal: new AbortController().signal })
report(Promise.resolve(loading).then((results) => results?.[0]?.error === undefined))
