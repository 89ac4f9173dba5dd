/**
 * Reads parameters with `GetParameter`, several with `GetParameters` and those below a path with
 * `GetParametersByPath`, always decrypted.
 *
 * @module
 */

import { parseArn } from '../reference/arn.js'
import { isArnOf } from '../reference/identity.js'
import { isSecretThroughParameterStore, sameParameterName } from '../reference/name.js'
import { type ParameterReference, type Reference, wireId } from '../reference/reference.js'
import { type StoredValue, memberOf } from '../stored-value.js'
import {
  type Fields,
  dateIn,
  fieldsIn,
  isFields,
  isOversize,
  isSameRegion,
  malformed,
  metadataIn,
  mismatch,
  optional,
  stringIn,
} from './answer.js'
import type { BatchPage } from './batch-answer.js'
import { parameterPageOf } from './parameter-page.js'
import type { SdkSourceOptions } from './sdk-client.js'
import { SdkSource } from './sdk-source.js'
import { parameterStoreSdk } from './sdk-transport.js'
import type { LoadContext, LoadError, ParameterPage } from './source.js'
import type { ParameterStoreRequest, Transport } from './transport.js'

/** Reads parameters, whatever carries the requests. */
export class ParameterSource extends SdkSource<ParameterReference, ParameterStoreRequest> {
  /** @internal */
  constructor(transport: Transport<ParameterStoreRequest>, options: SdkSourceOptions) {
    const isAsked = (reference: Reference) => reference.service === 'ssm'
    const single = { request: getRequest, read: storedValueOf }
    super({ service: 'ssm', isAsked, transport, single, batch: BATCH }, options)
  }

  /** Loads a page of the parameters below a path, ten at most. */
  loadPage(
    path: ParameterReference,
    nextToken: string | undefined,
    context: LoadContext,
  ): Promise<ParameterPage | LoadError> {
    const request = pageRequest(path, nextToken)
    const read = (answer: unknown, region: string | undefined) => parameterPageOf(path, region, answer)
    return this.ask(path, { request, read }, context)
  }
}

/** The built-in source for Parameter Store. */
export class ParameterStoreSource extends ParameterSource {
  /** Opens no connection and loads no SDK; both happen on first use. */
  constructor(options: SdkSourceOptions = {}) {
    super(parameterStoreSdk, options)
  }
}

const BATCH = {
  maxBatch: 10,
  isBatchable: () => true,
  request: batchRequest,
  pageOf,
  isAbout,
  versionOf: versionKeyOf,
}

function getRequest(reference: ParameterReference): ParameterStoreRequest {
  return { operation: 'GetParameter', input: { Name: wireId(reference), WithDecryption: true } }
}

function batchRequest(ids: readonly string[]): ParameterStoreRequest {
  return { operation: 'GetParameters', input: { Names: [...ids], WithDecryption: true } }
}

/** Ten is the most that a page may have. */
function pageRequest({ name }: ParameterReference, nextToken: string | undefined): ParameterStoreRequest {
  // Without the "/" at its end, which not every stand-in for AWS understands.
  const Path = name === '/' ? '/' : name?.slice(0, -1)
  const page = { MaxResults: 10, ...optional('NextToken', nextToken) }
  return {
    operation: 'GetParametersByPath',
    input: { Path, Recursive: true, WithDecryption: true, ...page },
  }
}

function pageOf(answer: unknown, ids: readonly string[]): BatchPage {
  const metadata = metadataIn(answer)
  const items = fieldsIn(answer, 'Parameters').map((Parameter) => ({ Parameter, ...metadata }))
  const invalid: unknown = isFields(answer) ? memberOf(answer, 'InvalidParameters') : undefined
  const missing = ids.filter((id) => Array.isArray(invalid) && invalid.includes(id))
  // Under bursts the service was seen to call all names invalid that it knows (aws/aws-sdk-go-v2#552).
  const isGlitch = ids.length > 1 && missing.length === ids.length
  const errors = new Map(
    (isGlitch ? [] : missing).map((id) => [id, { name: 'ParameterNotFound', ...metadata }]),
  )
  return { items, errors, nextToken: undefined }
}

/** Name and ARN say which parameter an item is, and the selector which version was asked for. */
function isAbout(reference: ParameterReference, { Parameter: parameter }: Fields): boolean {
  if (!isFields(parameter)) return false
  const [arn, name] = [stringIn(parameter, 'ARN'), stringIn(parameter, 'Name')]
  if ((arn ?? name) === undefined || !isSameParameter(reference, arn, name)) return false
  // Under its ARN a parameter of another account is answered, which may have the same name.
  if (reference.arn === undefined && isArn(name)) return false
  const selector = stringIn(parameter, 'Selector') ?? ''
  if (reference.label !== undefined) return selector === `:${reference.label}`
  if (reference.version === undefined) return selector === '' || isCurrentSecret(reference, selector)
  return selector === '' ? versionOf(parameter) === reference.version : selector === `:${reference.version}`
}

/** A secret is answered with its version stage, also where none was asked for. */
function isCurrentSecret({ name }: ParameterReference, selector: string): boolean {
  return isSecretThroughParameterStore(name ?? '') && selector === ':AWSCURRENT'
}

function versionKeyOf({ Parameter: parameter }: Fields): string {
  return isFields(parameter) ? JSON.stringify([stringIn(parameter, 'ARN'), versionOf(parameter)]) : ''
}

function storedValueOf(
  reference: ParameterReference,
  region: string | undefined,
  answer: unknown,
): StoredValue {
  const parameter = isFields(answer) ? memberOf(answer, 'Parameter') : undefined
  if (!isFields(parameter)) throw malformed(reference, 'no parameter', answer)
  const text = stringIn(parameter, 'Value')
  if (text === undefined) throw malformed(reference, 'a parameter without a value', answer)
  if (isOversize(text)) throw malformed(reference, 'a value of more than 1 MiB', answer)
  checkIdentity(reference, region, parameter, answer)
  return {
    text,
    ...optional('arn', stringIn(parameter, 'ARN')),
    ...optional('name', stringIn(parameter, 'Name')),
    ...optional('version', versionOf(parameter)),
    ...optional('label', reference.label),
    ...optional('createdAt', dateIn(parameter, 'LastModifiedDate')),
  }
}

/** Version 0 is what a secret read through `/aws/reference/secretsmanager/` reports: it has no such number. */
function versionOf(parameter: Fields): number | undefined {
  const version = memberOf(parameter, 'Version')
  return typeof version === 'number' && Number.isSafeInteger(version) && version > 0 ? version : undefined
}

/** Checks what the answer says of itself; what it leaves out, as test doubles do, is not held against it. */
function checkIdentity(
  reference: ParameterReference,
  region: string | undefined,
  parameter: Fields,
  answer: unknown,
): void {
  const arn = stringIn(parameter, 'ARN')
  if (!isSameParameter(reference, arn, stringIn(parameter, 'Name')))
    throw mismatch(reference, 'parameter', answer)
  if (!isSameRegion(reference.region ?? region, arn)) throw mismatch(reference, 'region', answer)
  const version = versionOf(parameter)
  if (reference.version !== undefined && version !== undefined && version !== reference.version) {
    throw mismatch(reference, 'version', answer)
  }
  const selector = stringIn(parameter, 'Selector')
  if (reference.label !== undefined && selector !== undefined && selector !== `:${reference.label}`) {
    throw mismatch(reference, 'label', answer)
  }
}

/** Name and ARN of the answer must both fit. A shared parameter is asked for, and may be named, by its ARN. */
function isSameParameter(
  reference: ParameterReference,
  arn: string | undefined,
  name: string | undefined,
): boolean {
  const asked = reference.name ?? nameIn(reference.arn ?? '')
  const answered = name !== undefined && isArn(name) ? nameIn(name) : name
  if (!sameParameterName(answered ?? asked, asked)) return false
  // A secret that is read through Parameter Store is answered with the ARN of the secret.
  return arn === undefined || isSecretThroughParameterStore(asked) || isArnOf(reference, arn)
}

function isArn(name: string | undefined): boolean {
  return name?.startsWith('arn:') === true
}

/** The name in an ARN such as `arn:aws:ssm:eu-west-1:123456789012:parameter/prod/level`. */
function nameIn(arn: string): string {
  return parseArn(arn)?.resource.replace(/^parameter/, '') ?? ''
}
