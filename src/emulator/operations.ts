/**
 * All operations of both services, found by the name that a test uses or the target that a client sends.
 *
 * @module
 */
import type { Operation } from './operation.js'
import { parameterStoreOperations, type ParameterStoreOperation } from './parameter-store/operations.js'
import { secretsManagerOperations, type SecretsManagerOperation } from './secrets-manager/operations.js'

/** The services as their clients sign for them. */
type ServiceName = 'secretsmanager' | 'ssm'

/**
 * An operation of either service: its bare name (`GetSecretValue`), or as it is on the wire
 * (`secretsmanager.GetSecretValue`, `AmazonSSM.GetParameter`).
 */
export type OperationName =
  | SecretsManagerOperation
  | ParameterStoreOperation
  | `secretsmanager.${SecretsManagerOperation}`
  | `AmazonSSM.${ParameterStoreOperation}`

/** An operation with its names. */
export interface KnownOperation {
  readonly service: ServiceName
  readonly name: string
  /** The value of `x-amz-target`. */
  readonly target: string
  /** The IAM action that allows it. */
  readonly action: string
  readonly run: Operation
}

const OPERATIONS: readonly KnownOperation[] = [
  ...operationsOf('secretsmanager', 'secretsmanager', secretsManagerOperations),
  ...operationsOf('ssm', 'AmazonSSM', parameterStoreOperations),
]

const BY_TARGET: ReadonlyMap<string, KnownOperation> = new Map(
  OPERATIONS.map((known) => [known.target, known]),
)
const BY_NAME: ReadonlyMap<string, KnownOperation> = new Map(OPERATIONS.map((known) => [known.name, known]))

/** The IAM actions that a denial can name. */
export const ACTIONS: readonly string[] = [...OPERATIONS.map(({ action }) => action), 'kms:Decrypt']

/** The operation that `x-amz-target` asks for. */
export function operationOfTarget(target: string): KnownOperation | undefined {
  return BY_TARGET.get(target)
}

/** The operation that a test names. Throws `TypeError` for anything else. */
export function operationNamed(name: unknown): KnownOperation {
  const known = typeof name === 'string' ? (BY_NAME.get(name) ?? BY_TARGET.get(name)) : undefined
  if (known !== undefined) return known
  const names = [...BY_NAME.keys()].join(', ')
  throw new TypeError(`operation: expected one of ${names}; got ${describe(name)}`)
}

/** How an unexpected argument is shown; never by its content, unless it is a short text. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return value.length > 64 ? 'a long string' : `'${value}'`
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined) return String(value)
  return value === null ? 'null' : `a value of type ${typeof value}`
}

function operationsOf(
  service: ServiceName,
  prefix: string,
  operations: Readonly<Record<string, Operation>>,
): KnownOperation[] {
  return Object.entries(operations).map(([name, run]) => ({
    service,
    name,
    target: `${prefix}.${name}`,
    action: `${service}:${name}`,
    run,
  }))
}
