/**
 * What a reference is: the parsed address of one value, with its canonical string and its cache key.
 *
 * @module
 */

/** The services that hold values. */
export type Service = 'secretsmanager' | 'ssm'

/** What every reference has, whichever service it names. */
interface ReferenceBase {
  /** Name as it was given, or `undefined` when the reference is an ARN. */
  readonly name?: string
  /** ARN without any selector, or `undefined` when the reference is a name. */
  readonly arn?: string
  /** Region that the ARN names. */
  readonly region?: string
  /** What follows `#`: a top-level key, or a JSON Pointer that starts with `/`. */
  readonly field?: string
  /** Keys that lead to the field: `password` is `['password']`, `/a/b/0` is `['a', 'b', '0']`. */
  readonly path?: readonly string[]
  /** The canonical string: two references to one value and field have the same. */
  readonly ref: string
  /** The canonical string without the field: two references to one stored value have the same. */
  readonly key: string
}

/** Address of a secret in Secrets Manager. Neither selector means `AWSCURRENT`. */
export interface SecretReference extends ReferenceBase {
  /** Secrets Manager. */
  readonly service: 'secretsmanager'
  /** Pins one immutable version. */
  readonly versionId?: string
  /** Follows a version stage. `AWSCURRENT` is left out. */
  readonly versionStage?: string
}

/** Address of a parameter in Parameter Store. Neither selector means the latest version. */
export interface ParameterReference extends ReferenceBase {
  /** Parameter Store. */
  readonly service: 'ssm'
  /** Pins one immutable version, counted from 1. */
  readonly version?: number
  /** Follows a label. */
  readonly label?: string
}

/** The parsed address of one value. */
export type Reference = SecretReference | ParameterReference

/**
 * A reference as an object, for names and selectors that are computed.
 *
 * Exactly one of `name` and `arn`; at most one of `version` and `label`. For Secrets Manager a version id
 * and a version stage may be given together: both are sent and the service decides whether they agree.
 */
export interface ReferenceObject {
  /** @defaultValue the ARN's service, or `'secretsmanager'` for a name */
  readonly service?: Service | undefined
  /** Name of the secret or parameter. */
  readonly name?: string | undefined
  /** Full or partial ARN, without a selector. */
  readonly arn?: string | undefined
  /** Secrets Manager: id of one version. */
  readonly versionId?: string | undefined
  /** Secrets Manager: a version stage such as `AWSPREVIOUS`. */
  readonly versionStage?: string | undefined
  /** Parameter Store: number of one version. */
  readonly version?: number | undefined
  /** Parameter Store: a label. */
  readonly label?: string | undefined
  /** A top-level key of a JSON value, or a JSON Pointer (RFC 6901) that starts with `/`. */
  readonly field?: string | undefined
}

/** What every reader accepts as the address of a value: a string in one of the grammars, or an object. */
export type ReferenceInput = string | ReferenceObject | Reference

/**
 * Whether the reference names one version id, whose value never changes. Not when it names a stage too: the
 * service is to say whether that stage is still on the version. Never for a parameter: one that is deleted and
 * created again counts its versions from 1 once more.
 */
export function isPinned(reference: Reference): boolean {
  return (
    reference.service === 'secretsmanager' &&
    reference.versionId !== undefined &&
    reference.versionStage === undefined
  )
}

/**
 * What is sent to the service as the id: an ARN as the ARN, a name as it was given, and behind a parameter's
 * the selector: `prod/db`, `X`, `/prod/x:3`, `arn:aws:ssm:…:parameter/prod/x:blue`.
 */
export function wireId(reference: Reference): string {
  const id = reference.arn ?? reference.name ?? ''
  if (reference.service === 'secretsmanager') return id
  const selector = reference.version ?? reference.label
  return selector === undefined ? id : `${id}:${selector}`
}
