import type { StorageDriver, StorageEntry, StorageListRequest } from '@aios/kernel/driver'
import { check, fakeDriverCall } from '@aios/kernel/testing'

/** Is what a case gets: an open driver in few words, whose methods always return promises. */
export interface StorageGround {
  write(path: string, content: string | Uint8Array): Promise<StorageEntry>
  /** Reads text. */
  text(path: string): Promise<string>
  bytes(path: string): Promise<Uint8Array>
  /** Returns the paths of a listing. */
  list(request?: StorageListRequest): Promise<readonly string[]>
  entries(request?: StorageListRequest): Promise<readonly StorageEntry[]>
  stat(path: string): Promise<StorageEntry>
  remove(path: string, recursive?: boolean): Promise<StorageEntry>
}

/** Is one case before it has a driver to run on. */
export interface StorageCase {
  readonly name: string
  run(storage: StorageGround): Promise<void>
}

/** Wraps an open driver. */
export function groundOf(driver: StorageDriver): StorageGround {
  const call = fakeDriverCall()
  const entries = async (request: StorageListRequest = {}): Promise<readonly StorageEntry[]> =>
    driver.list(request, call)
  return {
    write: async (path, content) => driver.write({ path, content }, call),
    async text(path) {
      const { content } = await driver.read({ path }, call)
      check(typeof content === 'string', `Expected text, got a ${typeof content}.`)
      return content
    },
    async bytes(path) {
      const { content } = await driver.read({ path, encoding: 'bytes' }, call)
      check(content instanceof Uint8Array, `Expected bytes, got a ${typeof content}.`)
      return content
    },
    list: async (request) => (await entries(request)).map(({ path }) => path),
    entries,
    stat: async (path) => driver.stat({ path }, call),
    remove: async (path, recursive) => driver.remove({ path, ...(recursive === undefined ? {} : { recursive }) }, call),
  }
}

/** Throws unless two values have the same JSON. */
export function checkSame(got: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(got), JSON.stringify(expected)]
  check(left === right, `Expected ${right}, got ${left}.`)
}
