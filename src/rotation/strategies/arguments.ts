/**
 * Checks what the strategies are given.
 *
 * @module
 */

const OF_A_DATABASE = ['logIn', 'changePassword', 'cloneUser']

const OF_A_PROVIDER = ['createKey', 'testKey', 'revokeKey']

/**
 * Refuses what is no database.
 *
 * @throws TypeError that says what was expected.
 */
export function checkDatabase(strategy: string, database: unknown): void {
  if (hasFunctions(database, OF_A_DATABASE)) return
  const got = typeof database === 'function' ? 'a function: call it first' : typeof database
  throw new TypeError(`${strategy}: expected what postgresDatabase() or mysqlDatabase() gives, got ${got}`)
}

/**
 * Refuses what is no provider of keys.
 *
 * @throws TypeError that says what was expected.
 */
export function checkProvider(provider: unknown): void {
  if (!hasFunctions(provider, OF_A_PROVIDER)) {
    throw new TypeError(`apiKey: expected an object with the functions ${OF_A_PROVIDER.join(', ')}`)
  }
  const revoke: unknown = Reflect.get(provider, 'revoke')
  if (revoke === undefined || revoke === 'before-finish' || revoke === 'before-create') return
  throw new TypeError("revoke: expected 'before-finish' or 'before-create'")
}

function hasFunctions(value: unknown, names: readonly string[]): value is object {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof Reflect.get(value, name) === 'function')
}
