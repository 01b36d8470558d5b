import { lstat, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorageDriver, StorageEntry } from '@aios/kernel/driver'
import { embeddedStorage } from '@aios/storage'
import { storageRootConformance } from '@aios/storage/testing'
import { describe, expect, it } from 'vitest'

/** Runs cases against a storage with one fault and returns how many fail. */
async function failures(
  cases: RegExp,
  fault: (good: StorageDriver, root: string) => Partial<StorageDriver>,
): Promise<number> {
  const make = (root: string): StorageDriver => {
    const good = embeddedStorage({ root })
    return { ...good, ...fault(good, root) }
  }
  let count = 0
  for (const { name, run } of storageRootConformance(make)) if (cases.test(name)) await run().catch(() => (count += 1))
  return count
}

const entryAt = async (root: string, path: string): Promise<StorageEntry> => {
  const info = await lstat(join(root, path))
  return { path, name: path, kind: 'file', sizeBytes: info.size, modifiedAt: info.mtimeMs }
}

describe('storageRootConformance', () => {
  it('catches a driver that checks the path and then lets the system follow links', async () => {
    const naive = await failures(/^never reads|^rejects every verb|^tells nothing/, (_good, root) => ({
      async read({ path }) {
        return { ...(await entryAt(root, path)), content: await readFile(join(root, path), 'utf8') }
      },
    }))
    expect(naive).toBe(3)
  })

  it('catches a driver that writes through a link that leads out', async () => {
    const naive = await failures(/^rejects every verb/, (_good, root) => ({
      async write({ path, content }) {
        await writeFile(join(root, path), content)
        return entryAt(root, path)
      },
    }))
    expect(naive).toBe(1)
  })

  it('catches a driver that refuses every link', async () => {
    const strict = await failures(/^follows links that stay inside/, (good, root) => ({
      async stat(request, call) {
        if ((await lstat(join(root, request.path))).isSymbolicLink())
          throw Object.assign(new Error(), { code: 'AIOS_ACCESS_DENIED' })
        return good.stat(request, call)
      },
    }))
    expect(strict).toBe(1)
  })
})
