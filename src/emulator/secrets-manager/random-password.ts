/**
 * GetRandomPassword.
 *
 * @module
 */
import { randomInt } from 'node:crypto'
import { refusal } from '../emulator-error.js'
import type { Input, Wire } from '../input.js'
import type { Call } from '../operation.js'

/** Source: GetRandomPassword, Secrets Manager API Reference. */
const CHARACTER_TYPES = [
  { exclude: 'ExcludeLowercase', characters: 'abcdefghijklmnopqrstuvwxyz' },
  { exclude: 'ExcludeUppercase', characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  { exclude: 'ExcludeNumbers', characters: '0123456789' },
  { exclude: 'ExcludePunctuation', characters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' },
]

/** GetRandomPassword: 32 characters by default, at least one of each type that is not excluded. */
export function getRandomPassword({ input }: Call): Wire {
  const length = input.integer('PasswordLength', { min: 1, max: 4096 }) ?? 32
  const types = characterTypes(input)
  const required = input.flag('RequireEachIncludedType', true) ? types : []
  if (types.length === 0) {
    throw refusal('InvalidParameterException', 'No characters are left to make a password of.')
  }
  if (length < required.length) {
    const message = 'Password length is too short based on the required types.'
    throw refusal('InvalidParameterException', message)
  }
  const all = types.join('')
  const rest = Array.from({ length: length - required.length }, () => pick(all))
  return { RandomPassword: shuffle([...required.map(pick), ...rest]).join('') }
}

function characterTypes(input: Input): string[] {
  const excluded = input.text('ExcludeCharacters', { max: 4096 }) ?? ''
  const types = CHARACTER_TYPES.filter(({ exclude }) => !input.flag(exclude)).map(
    ({ characters }) => characters,
  )
  if (input.flag('IncludeSpace')) types.push(' ')
  return types
    .map((characters) =>
      Array.from(characters)
        .filter((character) => !excluded.includes(character))
        .join(''),
    )
    .filter((characters) => characters.length > 0)
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length))
}

/** Inserts each at a random place: without it the first characters would always be one of each type in order. */
function shuffle(characters: readonly string[]): string[] {
  const shuffled: string[] = []
  for (const character of characters) {
    const at = randomInt(shuffled.length + 1)
    shuffled.splice(at, 0, character)
  }
  return shuffled
}
