/**
 * Gets hold of AWS SDK clients: the user's own, or ones made per region on first use.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import type { Reference } from '../reference/reference.js'

/** How requests of clients that the library makes show in CloudTrail. */
export const USER_AGENT = 'aws-secrets-client'

/** An AWS SDK client, or anything with a compatible `send`. */
export interface SdkClient {
  /** Sends one command; must honour `abortSignal`. */
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<object>
  /** The client's own configuration; `region` is asked to refuse references to another region. */
  readonly config?: object
  /** Closes sockets. Only called on clients that the library made. */
  destroy?(): void
}

/** Where a built-in source gets its SDK client. */
export interface SdkSourceOptions {
  /**
   * A client of the service, or anything with a compatible `send`.
   *
   * @defaultValue one made per region on first use
   */
  readonly client?: SdkClient | undefined
  /**
   * Region for references that name none.
   *
   * @defaultValue as the AWS SDK finds it
   */
  readonly region?: string | undefined
}

/** How {@link SdkClients} gets its clients. */
export interface SdkClientsOptions extends SdkSourceOptions {
  /** Makes a client; without a region the SDK finds one as it always does. */
  readonly create: (region: string | undefined) => Promise<SdkClient>
}

/** A client with the region that it talks to, where that is known. */
export interface RegionalClient {
  readonly client: SdkClient
  readonly region: string | undefined
}

/** The SDK clients of one service. */
export class SdkClients {
  readonly #options: SdkClientsOptions
  /** By region; under `undefined` the one whose region the SDK finds. */
  readonly #made = new Map<string | undefined, Promise<RegionalClient>>()

  constructor(options: SdkClientsOptions) {
    this.#options = options
  }

  /**
   * The client that reaches the region of `reference`.
   *
   * @throws SecretsError `ERR_REFERENCE_INVALID` when the user's own client talks to another region, or no
   * region is configured at all.
   */
  async for(reference: Reference): Promise<RegionalClient> {
    const { client, region } = this.#options
    if (client !== undefined) return ownClient(client, region, reference)
    if (reference.region === undefined) return this.#make(region, reference)
    const standard = await this.#made.get(region)?.catch(() => undefined)
    return standard?.region === reference.region ? standard : this.#make(reference.region, reference)
  }

  /** Closes the clients that were made here; the user's own stays open. */
  close(): void {
    for (const made of this.#made.values()) {
      made.then(({ client }) => client.destroy?.()).catch(() => undefined)
    }
    this.#made.clear()
  }

  #make(region: string | undefined, reference: Reference): Promise<RegionalClient> {
    const existing = this.#made.get(region)
    if (existing !== undefined) return existing
    const made = this.#options.create(region).then(async (client) => {
      const known = await regionOf(client)
      if (known === undefined) throw regionMissing(reference)
      return { client, region: known }
    })
    this.#made.set(region, made)
    made.catch(() => this.#made.delete(region))
    return made
  }
}

/**
 * What to do when the import of an optional peer fails.
 *
 * @throws SecretsError `ERR_MISSING_PEER` when it is the package itself that is not installed.
 */
export function missingPeer(packageName: string): (error: unknown) => never {
  return (error) => {
    if (!isModuleNotFound(error, packageName)) throw error
    throw new SecretsError('ERR_MISSING_PEER', {
      what: `the package ${packageName} is not installed`,
      hint: `Install it: npm install ${packageName}`,
    })
  }
}

/**
 * The exports of an imported SDK: esbuild, where it splits a bundle, hands those of a CommonJS module over as `default`
 * only.
 *
 * @param name - of an export that it has
 */
export function exportsOf<Module extends object>(imported: Module, name: keyof Module & string): Module {
  const bundled: unknown = name in imported ? undefined : Reflect.get(imported, 'default')
  return hasExport<Module>(bundled, name) ? bundled : imported
}

function hasExport<Module extends object>(value: unknown, name: keyof Module & string): value is Module {
  return typeof value === 'object' && value !== null && name in value
}

async function ownClient(
  client: SdkClient,
  configured: string | undefined,
  reference: Reference,
): Promise<RegionalClient> {
  const region = await regionOf(client)
  const wanted = reference.region ?? configured
  if (wanted === undefined || region === undefined || region === wanted) return { client, region }
  const who = reference.region === undefined ? 'the option region is' : 'the ARN is in'
  throw new SecretsError('ERR_REFERENCE_INVALID', {
    ref: reference.ref,
    what: `${who} ${wanted}, and the client that was passed in is for ${region}`,
    hint: `Pass a client for ${wanted}, or none, so that one is made per region.`,
  })
}

/** Region that a client is configured for; `undefined` when it has none or does not tell. */
async function regionOf({ config }: SdkClient): Promise<string | undefined> {
  const region: unknown = config === undefined ? undefined : Reflect.get(config, 'region')
  try {
    const resolved: unknown = typeof region === 'function' ? await Reflect.apply(region, config, []) : region
    return typeof resolved === 'string' ? resolved : undefined
  } catch {
    return undefined
  }
}

function regionMissing({ ref }: Reference): SecretsError {
  return new SecretsError('ERR_REFERENCE_INVALID', {
    ref,
    what: 'the reference names no region and none is configured',
    hint: 'Set the environment variable AWS_REGION, pass { region }, or use a full ARN.',
  })
}

/** A peer that is there may lack a package of its own; only the message tells which one is missing. */
function isModuleNotFound(error: unknown, packageName: string): boolean {
  if (typeof error !== 'object' || error === null) return false
  const code: unknown = Reflect.get(error, 'code')
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  return isMissing && String(Reflect.get(error, 'message')).includes(`'${packageName}'`)
}
