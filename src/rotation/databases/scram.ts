/**
 * What PostgreSQL stores of a password, so that the password itself need not be sent to it.
 *
 * @module
 */

import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

/** Source: RFC 5803, and PostgreSQL's own default of `scram_iterations`. */
const ITERATIONS = 4096
const SALT_BYTES = 16
const KEY_BYTES = 32

/** Whether a password is the same before and after SASLprep, which is not done here. */
export function isPlainPassword(password: string): boolean {
  return /^[\x20-\x7e]+$/.test(password)
}

/** The SCRAM-SHA-256 verifier of a plain password, with a salt of its own. */
export async function scramVerifier(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const salted = await promisify(pbkdf2)(password, salt, ITERATIONS, KEY_BYTES, 'sha256')
  const keyed = (name: string) => createHmac('sha256', salted).update(name).digest()
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64')
  const serverKey = keyed('Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`
}
