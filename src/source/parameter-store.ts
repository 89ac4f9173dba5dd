/**
 * Reads parameters with `GetParameter`, several with `GetParameters` and those below a path with
 * `GetParametersByPath`, always decrypted. The SDK client is imported on first use.
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
import { type SdkClient, type SdkSourceOptions, USER_AGENT, missingPeer } from './sdk-client.js'
import { parameterPageOf } from './parameter-page.js'
import { SdkSource } from './sdk-source.js'
import type { SdkCommand } from './single-attempt.js'
import type { LoadContext, LoadError, ParameterPage } from './source.js'

// With `.catch` on the import itself a bundler accepts that the peer may be missing.
const importSdk = () => import('@aws-sdk/client-ssm').catch(missingPeer('@aws-sdk/client-ssm'))

async function create(region: string | undefined): Promise<SdkClient> {
  const { SSMClient } = await importSdk()
  return new SSMClient({ ...optional('region', region), maxAttempts: 1, customUserAgent: USER_AGENT })
}

async function getCommand(reference: ParameterReference): Promise<SdkCommand> {
  const { GetParameterCommand } = await importSdk()
  return new GetParameterCommand({ Name: wireId(reference), WithDecryption: true })
}

async function batchCommand(ids: readonly string[]): Promise<SdkCommand> {
  const { GetParametersCommand } = await importSdk()
  return new GetParametersCommand({ Names: [...ids], WithDecryption: true })
}

/** Ten is the most that a page may have. */
async function pageCommand({ name }: ParameterReference, nextToken: string | undefined): Promise<SdkCommand> {
  const { GetParametersByPathCommand } = await importSdk()
  const paging = { MaxResults: 10, ...optional('NextToken', nextToken) }
  // Without the "/" at its end, which not every stand-in for AWS understands.
  const Path = name === '/' ? '/' : name?.slice(0, -1)
  return new GetParametersByPathCommand({ Path, Recursive: true, WithDecryption: true, ...paging })
}

/** The built-in source for Parameter Store. */
export class ParameterStoreSource extends SdkSource<ParameterReference> {
  /** Opens no connection and loads no SDK; both happen on first use. */
  constructor(options: SdkSourceOptions = {}) {
    const isAsked = (reference: Reference) => reference.service === 'ssm'
    const single = { operation: 'GetParameter', command: getCommand, read: storedValueOf }
    super({ service: 'ssm', isAsked, create, single, batch: BATCH }, options)
  }

  /** Loads a page of the parameters below a path, ten at most. */
  loadPage(
    path: ParameterReference,
    nextToken: string | undefined,
    context: LoadContext,
  ): Promise<ParameterPage | LoadError> {
    const operation = 'GetParametersByPath'
    const command = () => pageCommand(path, nextToken)
    const read = (answer: unknown, region: string | undefined) => parameterPageOf(path, region, answer)
    return this.ask(path, { operation, command, read }, context)
  }
}

const BATCH = {
  operation: 'GetParameters',
  maxBatch: 10,
  isBatchable: () => true,
  command: batchCommand,
  pageOf,
  isAbout,
  versionOf: versionKeyOf,
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
