import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** Returns a function that makes a directory for one test, which is removed after it. */
export function freshDirectories(): () => Promise<string> {
  const made: string[] = []
  afterEach(async () => {
    for (const path of made.splice(0)) await rm(path, { recursive: true, force: true })
  })
  return async () => {
    const path = await mkdtemp(join(tmpdir(), 'aios-test-'))
    made.push(path)
    return path
  }
}
