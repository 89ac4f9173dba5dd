/**
 * Keeps payloads encrypted while nobody reads them, under keys that only this process has, in memory outside the
 * JavaScript heap that can be zeroed.
 *
 * @module
 */

import { createCipheriv, createDecipheriv, createHmac, randomFillSync, timingSafeEqual } from 'node:crypto'
import { SecretsError } from '../errors.js'
import { type Payload, bare } from '../stored-value.js'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Without a prototype: those of streams, which a cipher is too, are not to be inherited. */
const CIPHER_OPTIONS = Object.freeze(bare({ authTagLength: TAG_BYTES }))

/** What the sealed bytes are: text in the shorter encoding that gives it back exactly, or bytes. */
type Form = 'utf8' | 'utf16le' | 'bytes'

/** Seals payloads for one client and holds the keys to them. */
export class Seal {
  readonly #keys = new Keys()

  /**
   * An encrypted copy of a payload. No plaintext of it is left in memory of the seal's own.
   *
   * @throws SecretsError `ERR_CLOSED` after {@link Seal.destroy}.
   */
  seal(payload: Payload): SealedPayload {
    const keys = this.#keys
    const form = formOf(payload)
    const plain = bytesOf(payload, form)
    try {
      const [box, digest] = [keys.encrypt(plain, form), keys.digest(plain, form)]
      return new SealedPayload(keys, form, { box, digest, byteLength: byteLengthOf(payload) })
    } finally {
      if (payload.bytes === undefined) plain.fill(0)
    }
  }

  /** Zeroes the keys: from now on nothing that was sealed can be opened. May be called again. */
  destroy(): void {
    this.#keys.destroy()
  }
}

/** What a {@link SealedPayload} is made of. */
interface Sealed {
  /** Nonce, ciphertext and tag. */
  readonly box: Buffer
  /** Tells the payload from others without giving it away. */
  readonly digest: Buffer
  readonly byteLength: number
}

/**
 * A payload that only its own {@link Seal} can open. It has methods only and no member: inspection, with getters
 * too, JSON, cloning and serialisation find nothing, not even its length.
 */
export class SealedPayload {
  readonly #keys: Keys
  readonly #form: Form
  readonly #sealed: Sealed
  #isWiped = false

  /** @internal */
  constructor(keys: Keys, form: Form, sealed: Sealed) {
    this.#keys = keys
    this.#form = form
    this.#sealed = sealed
  }

  /**
   * The payload, decrypted anew; bytes are the caller's own to zero.
   *
   * @throws SecretsError `ERR_UNAVAILABLE` where it was wiped, `ERR_CLOSED` where its seal was destroyed,
   * `ERR_DECODE` where it was altered.
   */
  open(): Payload {
    if (this.#isWiped) throw wiped()
    const plain = this.#keys.decrypt(this.#sealed.box, this.#form)
    if (this.#form === 'bytes')
      return bare({ bytes: new Uint8Array(plain.buffer, plain.byteOffset, plain.length) })
    try {
      return bare({ text: plain.toString(this.#form) })
    } finally {
      plain.fill(0)
    }
  }

  /** Whether both are the same text or the same bytes, sealed by one seal; told without opening them, also when wiped. */
  isSame(other: SealedPayload): boolean {
    return timingSafeEqual(this.#sealed.digest, other.#sealed.digest)
  }

  /** Bytes of the payload, those of text in UTF-8; also when wiped. */
  byteLength(): number {
    return this.#sealed.byteLength
  }

  /** Whether it was wiped. */
  isWiped(): boolean {
    return this.#isWiped
  }

  /** Zeroes what was sealed, so that nobody can open it any more. May be called again. */
  wipe(): void {
    this.#isWiped = true
    this.#sealed.box.fill(0)
  }
}

/** The keys of one seal and what is done with them. */
class Keys {
  readonly #cipherKey = randomBytes(KEY_BYTES)
  readonly #digestKey = randomBytes(KEY_BYTES)
  #isDestroyed = false

  /**
   * Nonce, ciphertext and tag in one buffer.
   *
   * The nonce is random, not counted: clones of one snapshot (AWS Lambda SnapStart) have the key in common and would
   * count alike. NIST SP 800-38D allows 2^32 random 96-bit nonces per key, at which two are the same with a
   * probability below 2^-32; that is a load per second for 136 years.
   */
  encrypt(plain: Uint8Array, form: Form): Buffer {
    if (this.#isDestroyed) throw destroyed()
    const box = Buffer.allocUnsafeSlow(NONCE_BYTES + plain.length + TAG_BYTES)
    const nonce = randomFillSync(box.subarray(0, NONCE_BYTES))
    const cipher = createCipheriv(ALGORITHM, this.#cipherKey, nonce, CIPHER_OPTIONS)
    cipher.setAAD(Buffer.from(form))
    box.set(cipher.update(plain), NONCE_BYTES)
    cipher.final()
    box.set(cipher.getAuthTag(), NONCE_BYTES + plain.length)
    return box
  }

  /** The plaintext of a box, in a buffer of its own that is the caller's to zero. */
  decrypt(box: Buffer, form: Form): Buffer {
    if (this.#isDestroyed) throw destroyed()
    const [nonce, tag] = [box.subarray(0, NONCE_BYTES), box.subarray(-TAG_BYTES)]
    const decipher = createDecipheriv(ALGORITHM, this.#cipherKey, nonce, CIPHER_OPTIONS)
    decipher.setAAD(Buffer.from(form))
    decipher.setAuthTag(tag)
    const plain = decipher.update(box.subarray(NONCE_BYTES, -TAG_BYTES))
    try {
      decipher.final()
      return plain
    } catch {
      plain.fill(0)
      throw altered()
    }
  }

  /** A keyed digest: without the key nobody can try values against it. */
  digest(plain: Uint8Array, form: Form): Buffer {
    return createHmac('sha256', this.#digestKey).update(`${form}:`).update(plain).digest()
  }

  /** Zeroes the keys. */
  destroy(): void {
    this.#isDestroyed = true
    this.#cipherKey.fill(0)
    this.#digestKey.fill(0)
  }
}

/** In memory of its own, never in the pool that small buffers share. */
function randomBytes(size: number): Buffer {
  return randomFillSync(Buffer.allocUnsafeSlow(size))
}

function formOf({ bytes, text }: Payload): Form {
  if (bytes !== undefined) return 'bytes'
  // UTF-8 cannot express a lone surrogate.
  return text.isWellFormed() ? 'utf8' : 'utf16le'
}

/** The bytes to encrypt: those of the payload itself, or of its text in a buffer of our own. */
function bytesOf({ bytes, text }: Payload, form: Form): Uint8Array {
  if (bytes !== undefined) return bytes
  const encoding = form === 'utf16le' ? form : 'utf8'
  const plain = Buffer.allocUnsafeSlow(Buffer.byteLength(text, encoding))
  plain.write(text, encoding)
  return plain
}

function byteLengthOf({ bytes, text }: Payload): number {
  return bytes === undefined ? Buffer.byteLength(text) : bytes.byteLength
}

function wiped(): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    what: 'the sealed value was wiped from memory before it was read',
    hint: 'Read it again.',
  })
}

function destroyed(): SecretsError {
  return new SecretsError('ERR_CLOSED', {
    what: 'the keys of the sealed values are gone',
    hint: 'Make a new client, or close this one later.',
  })
}

function altered(): SecretsError {
  return new SecretsError('ERR_DECODE', {
    what: 'the sealed value was altered in memory',
    hint: 'Read it again with { fresh: true }; something in this process writes where it should not.',
  })
}
