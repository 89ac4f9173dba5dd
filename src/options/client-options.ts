/**
 * What a client can be told at construction.
 *
 * @module
 */

import type { Clock } from '../clock.js'
import type { SecretsEventListener } from '../observe/events.js'
import type { RefRedaction } from '../redact/redact.js'
import type { SdkClient } from '../source/sdk-client.js'
import type { Source } from '../source/source.js'

/** How much is cached and for how long. */
export interface CacheSettings {
  /**
   * Entries kept, the least recently read leave first; an integer from 1 to 10000000.
   *
   * @defaultValue 1000
   */
  readonly maxEntries?: number | undefined
  /**
   * Payload bytes kept in all, in UTF-8; an integer from 1. A larger value is returned and not cached.
   *
   * @defaultValue 16777216 (16 MiB)
   */
  readonly maxBytes?: number | undefined
  /**
   * Milliseconds for which a value is fresh, from 0 to 2147483647; each entry draws its own lifetime from
   * [0.9, 1] × this. `0` turns caching off: callers at the same time still share one request. A version id never
   * expires.
   *
   * @defaultValue 300000 (5 minutes)
   */
  readonly ttlMs?: number | undefined
  /**
   * Milliseconds after that lifetime for which a value is still returned at once, while one request in the
   * background asks for a newer one; from 0 to 86400000.
   *
   * @defaultValue 60000 (1 minute)
   */
  readonly staleWhileRevalidateMs?: number | undefined
  /**
   * Milliseconds after that lifetime for which a value is returned where AWS cannot be reached, does not answer or
   * throttles; from 0 to 604800000. Never where access is denied, the key unusable or the secret gone.
   *
   * @defaultValue 3600000 (1 hour)
   */
  readonly staleIfErrorMs?: number | undefined
  /**
   * Milliseconds for which a failure is remembered, so that reads fail at once instead of asking again; from 0, which
   * turns it off, to `maxNegativeTtlMs`. Doubles with each failure in a row, up to `maxNegativeTtlMs`; never above `ttlMs`.
   *
   * @defaultValue 1000
   */
  readonly negativeTtlMs?: number | undefined
  /**
   * The longest time for which a failure is remembered, in milliseconds, from 0 to 3600000.
   *
   * @defaultValue 60000 (1 minute)
   */
  readonly maxNegativeTtlMs?: number | undefined
}

/** How long and how often the client tries. */
export interface RetrySettings {
  /**
   * Requests that one read may cost, the first included; an integer from 1 to 10. Throttled batches may go on until
   * the time is up.
   *
   * @defaultValue 3
   */
  readonly maxAttempts?: number | undefined
  /**
   * Milliseconds after which a read that waits for AWS gives up with `ERR_TIMEOUT`, and one that waits for an
   * asynchronous schema with `ERR_SCHEMA`; from 1 to 2147483647.
   *
   * @defaultValue 5000
   */
  readonly timeoutMs?: number | undefined
  /**
   * Milliseconds after which one request is given up, and repeated while `timeoutMs` allows; from 1 to 2147483647.
   *
   * @defaultValue 2000
   */
  readonly attemptTimeoutMs?: number | undefined
}

/** Whether reads share requests. */
export interface BatchSettings {
  /**
   * Whether reads that meet in one tick share `BatchGetSecretValue` and `GetParameters` calls.
   *
   * @defaultValue `true`
   */
  readonly enabled?: boolean | undefined
}

/** AWS SDK clients of the caller's own. */
export interface SdkClientSettings {
  /** A `SecretsManagerClient`, or anything with a compatible `send`. */
  readonly secretsManager?: SdkClient | undefined
  /** An `SSMClient`, or anything with a compatible `send`. */
  readonly ssm?: SdkClient | undefined
}

/** Options of a `SecretsClient`. Every one has a default. */
export interface SecretsClientOptions {
  /**
   * AWS region of references that name none.
   *
   * @defaultValue as the AWS SDK finds it: `AWS_REGION`, then the shared configuration file
   */
  readonly region?: string | undefined
  /**
   * SDK clients to use instead of ones made on first use. They are never closed by the library.
   *
   * @defaultValue one client per service and region, with the default credential chain
   */
  readonly clients?: SdkClientSettings | undefined
  /** Bounds and lifetime of the cache. */
  readonly cache?: CacheSettings | undefined
  /** Attempts and deadlines of a read. */
  readonly retry?: RetrySettings | undefined
  /** Whether reads share requests. */
  readonly batch?: BatchSettings | undefined
  /**
   * Sources that replace the built-in one of their service. A client in `clients` for the same service is refused, and so
   * is `region` beside sources for both: they read from where they were told to.
   *
   * @defaultValue Secrets Manager and Parameter Store through the AWS SDK
   */
  readonly sources?: readonly Source[] | undefined
  /**
   * Whether values in the cache are kept encrypted, outside the JavaScript heap, and decrypted for each read. What it
   * protects from and what it costs: docs/values.md.
   *
   * @defaultValue `false`
   */
  readonly seal?: boolean | undefined
  /**
   * Where time comes from.
   *
   * @defaultValue the machine's clocks
   */
  readonly clock?: Clock | undefined
  /**
   * Called with each event of the client, synchronously. What it throws is contained and counted. The same events are
   * published on the `diagnostics_channel` named `aws-secrets-client`.
   */
  readonly onEvent?: SecretsEventListener | undefined
  /**
   * How references show in events: as they are, as a hash (`true`), or as a function of yours makes of them.
   *
   * @defaultValue `false`
   */
  readonly redactRefs?: RefRedaction | undefined
}
