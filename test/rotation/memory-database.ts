/** A database of users in memory that a test can let fail at any call, before or after the effect. */

import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'
import type { RotationDatabase } from 'aws-secrets-client/rotation'

interface User {
  password: string
  readonly rights: Set<string>
}

export class MemoryDatabase implements RotationDatabase {
  readonly engines = ['postgres']
  readonly maxUsernameBytes = 20
  readonly users = new Map<string, User>()
  readonly calls: string[] = []
  #fault: { readonly call: number; readonly when: 'before' | 'after' } | undefined

  /** Lets the call of that number, from 1 and from now on, fail. */
  failAt(call: number, when: 'before' | 'after'): void {
    this.calls.length = 0
    this.#fault = { call, when }
  }

  add(username: string, password: string, ...rights: string[]): void {
    this.users.set(username, { password, rights: new Set(rights) })
  }

  accepts({ username, password }: BasicCredentials): boolean {
    return this.users.get(username)?.password === password
  }

  logIn(credentials: RdsCredentials): Promise<boolean> {
    return this.#run(`log in ${credentials.username}`, () => this.accepts(credentials))
  }

  changePassword(credentials: RdsCredentials, password: string): Promise<void> {
    return this.#run('change', () => {
      this.#user(credentials).password = password
    })
  }

  cloneUser(admin: RdsCredentials, from: string, to: BasicCredentials): Promise<void> {
    return this.#run('clone', () => {
      if (!this.#user(admin).rights.has('admin')) throw new Error('not allowed')
      const rights = this.users.get(from)?.rights ?? []
      this.add(to.username, to.password, ...rights)
    })
  }

  #user(credentials: RdsCredentials): User {
    const user = this.users.get(credentials.username)
    if (user === undefined || !this.accepts(credentials)) throw new Error('refused')
    return user
  }

  #run<Result>(call: string, effect: () => Result): Promise<Result> {
    const number = this.calls.push(call)
    const when = this.#fault?.call === number ? this.#fault.when : undefined
    // What is thrown inside is a rejection.
    return new Promise((resolve) => {
      if (when === 'before') throw new Error('the connection broke')
      const result = effect()
      if (when === 'after') throw new Error('the connection broke')
      resolve(result)
    })
  }
}
