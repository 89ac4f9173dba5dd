/**
 * Typed, cached reads of AWS Secrets Manager secrets and SSM Parameter Store parameters.
 *
 * @module
 */

export { defaultClient, getSecret } from './client/default-client.js'
export { defineSecrets } from './client/define-secrets.js'
export type { SecretRead } from './client/secret-read.js'
export { SecretsClient } from './client/secrets-client.js'
export type { ClientStats, PrefetchResult, RefreshResult } from './client/results.js'
export type { Clock, SleepOptions } from './clock.js'
export type { As, Schema } from './decode/decode.js'
export type { JsonSchema, TypedJsonSchema } from './decode/json-schema/json-schema.js'
export { splitValue } from './decode/parts.js'
export type { SplitOptions, ValuePart } from './decode/parts.js'
export { apiToken } from './decode/ready-made/api-token.js'
export { connectionString } from './decode/ready-made/connection-string.js'
export type { ConnectionCredentials, ConnectionStringOptions } from './decode/ready-made/connection-string.js'
export {
  basicCredentials,
  documentDbCredentials,
  elastiCacheCredentials,
  rdsCredentials,
  redshiftCredentials,
} from './decode/ready-made/credentials.js'
export type {
  BasicCredentials,
  DocumentDbCredentials,
  ElastiCacheCredentials,
  RdsCredentials,
  RdsEngine,
  RedshiftCredentials,
} from './decode/ready-made/credentials.js'
export type { ReadyMadeSchema } from './decode/ready-made/schema.js'
export { sshKeyPair } from './decode/ready-made/ssh-key-pair.js'
export type { SshKeyPair } from './decode/ready-made/ssh-key-pair.js'
export { SecretsError, isSecretsError } from './errors.js'
export type { SecretsErrorCode, SecretsErrorInit } from './errors.js'
export { scrubbedConsole } from './integration/console.js'
export type { ConsoleStreams } from './integration/console.js'
export { pinoScrubbing } from './integration/pino.js'
export type { PinoScrubbing } from './integration/pino.js'
export type { Scrubbing } from './integration/scrubbing.js'
export type { GaveUpEvent, RecoveredEvent, RejectedEvent } from './observe/credential-events.js'
export type {
  BatchEvent,
  ClockAnomalyEvent,
  DecodeFailedEvent,
  EvictEvent,
  HitEvent,
  IdentityChange,
  IdentityChangedEvent,
  LoadFailedEvent,
  LoadedEvent,
  MissEvent,
  RefreshEvent,
  RefreshTrigger,
  RetryEvent,
  SecretsEvent,
  SecretsEventListener,
  StaleEvent,
  StaleReason,
  ThrottleEvent,
} from './observe/events.js'
export type {
  BatchSettings,
  CacheSettings,
  RetrySettings,
  SdkClientSettings,
  SecretsClientOptions,
} from './options/client-options.js'
export type {
  ExactManifest,
  LoadedSecrets,
  Manifest,
  ManifestEntry,
  ManifestTree,
  ManifestValue,
} from './options/manifest.js'
export type {
  LoadOptions,
  PrefetchOptions,
  ReadOptions,
  RefreshOptions,
  TreeOptions,
  WatchOptions,
} from './options/read-options.js'
export type { WithSecretOptions } from './options/with-secret-options.js'
export type {
  Exactly,
  FlatParameterTree,
  ParameterTree,
  PlainRead,
  ReadValue,
  TreeValue,
} from './options/read-value.js'
export { Redacted } from './redact/redacted.js'
export type { RefRedaction } from './redact/redact.js'
export { parseReference } from './reference/parse.js'
export type {
  ParameterReference,
  Reference,
  ReferenceInput,
  ReferenceObject,
  SecretReference,
  Service,
} from './reference/reference.js'
export { ParameterStoreSource } from './source/parameter-store.js'
export { SecretsManagerSource } from './source/secrets-manager.js'
export type { SdkClient, SdkSourceOptions } from './source/sdk-client.js'
export type {
  LoadContext,
  LoadError,
  LoadResult,
  LoadedValue,
  ParameterPage,
  Source,
  TreeParameter,
  Unanswered,
} from './source/source.js'
export type { BytesPayload, Payload, Provenance, StoredValue, TextPayload } from './stored-value.js'
