/**
 * The part behind `#`: one top-level key, or a JSON Pointer (RFC 6901). Pure.
 *
 * @module
 */
import { refusal } from './refusal.js'

const HINT = 'Write a top-level key, `prod/db#password`, or a JSON Pointer, `prod/db#/hosts/0`.'

/**
 * The keys that a field leads through: `password` is `['password']`, `/a/b/0` is `['a', 'b', '0']`, `/` is
 * `['']`. In a pointer `~1` stands for `/` and `~0` for `~`; elsewhere every character stands for itself.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when the field is empty, or a pointer has a `~` that neither
 * `0` nor `1` follows (RFC 6901 §3).
 */
export function pathOfField(subject: string, field: string): readonly string[] {
  if (field === '') throw refusal(subject, 'nothing follows the "#"', `Leave the "#" out. ${HINT}`)
  if (!field.startsWith('/')) return [field]
  if (/~(?![01])/.test(field)) {
    throw refusal(
      subject,
      'a "~" in a JSON Pointer is written ~0, and a "/" in a key ~1',
      'As in `prod/db#/a~1b~0c`.',
    )
  }
  // RFC 6901 §4: `~1` before `~0`, so that `~01` becomes `~1` and not `/`.
  return field
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/**
 * The one spelling of a field: the key itself where one key leads there (`#/a` is `#a`), else a JSON Pointer.
 * A key that is empty or starts with `/` needs the pointer too.
 */
export function fieldOfPath(path: readonly string[]): string {
  const [first, ...rest] = path
  if (first !== undefined && rest.length === 0 && first !== '' && !first.startsWith('/')) return first
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/**
 * The path of a key that stands for itself, as ECS and CloudFormation write keys: `/a` is the key `/a`.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when whitespace ends the key, which no canonical string could.
 */
export function pathOfJsonKey(subject: string, key: string): readonly string[] {
  if (key === key.trimEnd()) return [key]
  const hint = "Remove it, or pass an object: `{ name: 'prod/db', field: 'password ' }`."
  throw refusal(subject, 'the JSON key ends with whitespace', hint)
}
