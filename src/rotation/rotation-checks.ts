/**
 * Checks of the options of a rotation function.
 *
 * @module
 */

const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['schema', 'object'],
  ['password', 'object'],
  ['client', 'object'],
  ['createSecret', 'function'],
  ['setSecret', 'function'],
  ['testSecret', 'function'],
  ['finishSecret', 'function'],
  ['onOutcome', 'function'],
])
const REQUIRED = ['setSecret', 'testSecret']

/**
 * Refuses options that cannot be.
 *
 * @throws TypeError that names the option, what was expected and what was given.
 */
export function checkRotationOptions(options: unknown): void {
  const members = membersOf('createRotationHandler', options)
  for (const [name, value] of members) {
    const expected = OPTIONS.get(name)
    if (expected === undefined) {
      throw new TypeError(
        `createRotationHandler: expected only ${[...OPTIONS.keys()].join(', ')}; got '${name}'`,
      )
    }
    const isSchema = name === 'schema' && typeof value === 'function'
    if (value !== undefined && !isSchema) expectType(name, value, expected)
  }
  for (const name of REQUIRED) expectType(name, new Map(members).get(name), 'function')
  checkClient(new Map(members).get('client'))
  checkPassword(new Map(members).get('password') ?? {})
}

function checkClient(client: unknown): void {
  if (client === undefined || (typeof client === 'object' && client !== null && 'send' in client)) return
  throw new TypeError('client: expected an object with the method send(command)')
}

function checkPassword(password: unknown): void {
  for (const [name, value] of membersOf('password', password)) {
    if (value === undefined) continue
    if (name === 'length') expectLength(value)
    else if (name === 'excludeCharacters') expectType(`password.${name}`, value, 'string')
    else if (name === 'excludePunctuation') expectType(`password.${name}`, value, 'boolean')
    else {
      const known = 'length, excludeCharacters, excludePunctuation'
      throw new TypeError(`password: expected only ${known}; got '${name}'`)
    }
  }
}

function expectLength(value: unknown): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 4096) return
  throw new TypeError('password.length: expected a whole number from 1 to 4096')
}

function membersOf(name: string, value: unknown): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value)
  throw new TypeError(`${name}: expected an object`)
}

function expectType(name: string, value: unknown, expected: string): void {
  if (typeof value === expected && value !== null) return
  const article = expected === 'object' ? 'an' : 'a'
  throw new TypeError(
    `${name}: expected ${article} ${expected}; got ${value === null ? 'null' : typeof value}`,
  )
}
