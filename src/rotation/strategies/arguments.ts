/**
 * Checks what the strategies are given.
 *
 * @module
 */

const OF_A_DATABASE = ['logIn', 'changePassword', 'cloneUser']

const OF_ALTERNATION: ReadonlyMap<string, string> = new Map([
  ['isSameHost', 'function'],
  ['masterHost', 'string'],
])

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
 * Refuses options of alternating users that cannot be.
 *
 * @throws TypeError that names the option and what was expected.
 */
export function checkAlternation(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('alternatingUsers: expected options as an object')
  }
  for (const [name, value] of Object.entries<unknown>({ ...options })) {
    const expected = OF_ALTERNATION.get(name)
    if (expected === undefined) {
      throw new TypeError(
        `alternatingUsers: expected only ${[...OF_ALTERNATION.keys()].join(', ')}; got '${name}'`,
      )
    }
    if (value !== undefined && typeof value !== expected) {
      throw new TypeError(`${name}: expected a ${expected}, got ${value === null ? 'null' : typeof value}`)
    }
  }
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
