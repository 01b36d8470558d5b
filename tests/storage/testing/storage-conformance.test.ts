import type { StorageDriver } from '@aios/kernel/driver'
import { embeddedStorage } from '@aios/storage'
import { HOSTILE_PATHS, storageConformance } from '@aios/storage/testing'
import { describe, expect, it } from 'vitest'

/** Runs cases against the embedded storage with one fault and returns the names of those that fail. */
async function failures(cases: RegExp, fault: (good: StorageDriver) => Partial<StorageDriver>): Promise<string[]> {
  const make = (): StorageDriver => {
    const good = embeddedStorage()
    return { ...good, ...fault(good) }
  }
  const names: string[] = []
  for (const { name, run } of storageConformance(make)) if (cases.test(name)) await run().catch(() => names.push(name))
  return names
}

describe('storageConformance', () => {
  it('has one case for each hostile path', () => {
    const names = storageConformance(() => embeddedStorage()).map(({ name }) => name)
    for (const { path } of HOSTILE_PATHS)
      expect(names.filter((name) => name.includes(`rejects ${JSON.stringify(path)} `))).toHaveLength(1)
    expect(new Set(names).size).toBe(names.length)
  })

  it('catches a driver that takes a hostile path for a harmless one', async () => {
    const tame = (path: string): string => path.replaceAll('..', 'up')
    const lenient = await failures(/^rejects "\.\.\/outside/, (good) => ({
      stat: (request, call) => good.stat({ path: tame(request.path) }, call),
    }))
    expect(lenient).toHaveLength(1)
  })

  it('catches a driver that writes in place', async () => {
    const torn = await failures(/^shows a reader/, (good) => ({
      async write(request, call) {
        const half = request.content.slice(0, request.content.length / 2)
        await good.write({ path: request.path, content: half }, call)
        return good.write(request, call)
      },
    }))
    expect(torn).toHaveLength(1)
  })

  it('catches a driver that shows the files it is writing', async () => {
    const untidy = await failures(/^shows a reader/, (good) => ({
      async write(request, call) {
        const aside = `${request.path}.part`
        await good.write({ path: aside, content: request.content }, call)
        await good.remove({ path: aside }, call)
        return good.write(request, call)
      },
    }))
    expect(untidy).toHaveLength(1)
  })

  it('catches a driver that keeps the bytes of its caller, reads leniently, or sorts by locale', async () => {
    const careless = await failures(/bytes|lists|UNSUPPORTED/, (good) => ({
      write: async (request, call) => Promise.resolve().then(() => good.write(request, call)),
      async read(request, call) {
        const file = await good.read({ path: request.path, encoding: 'bytes' }, call)
        if (request.encoding === 'bytes') return file
        return { ...file, content: new TextDecoder().decode(file.content as Uint8Array) }
      },
      list: async (request, call) => [...(await good.list(request, call))].sort((a, b) => a.path.localeCompare(b.path)),
    }))
    expect(careless).toEqual([
      'returns text and bytes exactly as they were written',
      expect.stringContaining('AIOS_UNSUPPORTED'),
      'keeps a file as it was when its caller changes the bytes it passed or got',
      'lists a directory, or all below it, sorted by path and relative to the root',
    ])
  })

  it('catches a driver that removes trees or the root without being asked to', async () => {
    const eager = await failures(/^(removes|rejects to)/, (good) => ({
      remove: (request, call) =>
        request.path === '.' ? good.stat(request, call) : good.remove({ ...request, recursive: true }, call),
    }))
    expect(eager).toEqual([
      'removes a directory that is not empty only with recursive',
      'rejects to remove the root with AIOS_ACCESS_DENIED',
    ])
  })
})
