/**
 * Packages that are loaded on first use.
 *
 * @module
 */

import { SecretsError } from 'aws-secrets-client'
import { memberOf } from './rotation-error.js'

/**
 * What to do when the import of an optional peer fails.
 *
 * @throws SecretsError `ERR_MISSING_PEER` when it is the package itself that is not installed.
 */
export function missingPeer(packageName: string): (error: unknown) => never {
  return (error) => {
    const code = memberOf(error, 'code')
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
    if (!isMissing || !String(memberOf(error, 'message')).includes(`'${packageName}'`)) throw error
    throw new SecretsError('ERR_MISSING_PEER', {
      what: `the package ${packageName} is not installed`,
      hint: `Install it: npm install ${packageName}`,
    })
  }
}

/** The exports of an imported package: bundlers hand those of a CommonJS module over as `default` only. */
export function exportsOf<Module extends object>(imported: Module, name: keyof Module & string): Module {
  const bundled: unknown = name in imported ? undefined : Reflect.get(imported, 'default')
  return hasExport<Module>(bundled, name) ? bundled : imported
}

function hasExport<Module extends object>(value: unknown, name: keyof Module & string): value is Module {
  return typeof value === 'object' && value !== null && name in value
}
