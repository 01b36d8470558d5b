import type { Sys } from '@aios/kernel'
import { AiosError, type MemoryNote, type StorageEntry } from '@aios/kernel/driver'

type Content = string | Error

interface FakeStorage {
  readonly sys: Sys
  readonly files: Map<string, Content>
  /** Names of the storage syscalls made, with their paths. */
  readonly calls: string[]
}

/**
 * Makes the storage syscalls over a map of paths to contents. An error as content is what reading it throws; a path
 * that ends in `/` is an empty directory.
 */
export function fakeStorage(
  given: Readonly<Record<string, Content>>,
  sizes: Readonly<Record<string, number>> = {},
): FakeStorage {
  const files = new Map(Object.entries(given))
  const calls: string[] = []
  const entry = (path: string): StorageEntry => {
    const content = files.get(path)
    const name = path.split('/').at(-1) ?? path
    if (content !== undefined) {
      const sizeBytes = sizes[path] ?? (typeof content === 'string' ? content.length : 1)
      return { path, name, kind: 'file', sizeBytes, modifiedAt: 86_400_000 }
    }
    const isDirectory = path === '.' || [...files.keys()].some((file) => file.startsWith(`${path}/`))
    if (!isDirectory) throw new AiosError('AIOS_NOT_FOUND', `Nothing is stored at "${path}".`)
    return { path, name, kind: 'directory', sizeBytes: 0, modifiedAt: 0 }
  }
  const list = (path: string, recursive: boolean): StorageEntry[] => {
    const paths = new Set<string>()
    for (const file of files.keys()) {
      if (path !== '.' && !file.startsWith(`${path}/`)) continue
      const steps = file.split('/')
      const depth = path === '.' ? 0 : path.split('/').length
      for (let end = depth + 1; end <= (recursive ? steps.length : depth + 1); end += 1)
        paths.add(steps.slice(0, end).join('/'))
    }
    return [...paths].sort().map(entry)
  }
  const storage: Partial<Sys['storage']> = {
    stat: async ({ path }) => {
      calls.push(`stat ${path}`)
      return entry(path)
    },
    list: async ({ path = '.', recursive = false } = {}) => {
      calls.push(`list ${path}`)
      return list(path, recursive)
    },
    read: (async ({ path }: { path: string }) => {
      calls.push(`read ${path}`)
      const content = files.get(path)
      if (content instanceof Error) throw content
      return { ...entry(path), content: content ?? '' }
    }) as Sys['storage']['read'],
    write: async ({ path, content }) => {
      calls.push(`write ${path}`)
      files.set(path, content as string)
      return entry(path)
    },
    remove: async ({ path }) => {
      calls.push(`remove ${path}`)
      const was = entry(path)
      files.delete(path)
      return was
    },
  }
  return { sys: { storage } as unknown as Sys, files, calls }
}

interface FakeMemory {
  readonly sys: Sys
  readonly notes: Map<string, MemoryNote>
  /** Requests of the memory syscalls made. */
  readonly requests: unknown[]
}

/** Makes the memory syscalls over a map; `retrieve` returns every note, newest first. */
export function fakeMemory(): FakeMemory {
  const notes = new Map<string, MemoryNote>()
  const requests: unknown[] = []
  const memory: Partial<Sys['memory']> = {
    add: async (request) => {
      requests.push(request)
      const id = `n${notes.size + 1}`
      const { content, tags = [] } = request
      const note: MemoryNote = {
        id,
        namespace: 'test',
        content,
        tags,
        keywords: [],
        category: undefined,
        metadata: {},
        createdAt: 0,
        updatedAt: 0,
      }
      notes.set(id, note)
      return note
    },
    retrieve: async (request) => {
      requests.push(request)
      return [...notes.values()].reverse().map((note, index) => ({ ...note, score: 1 / (index + 1) }))
    },
    remove: async (request) => {
      requests.push(request)
      const note = notes.get(request.id)
      if (note === undefined) throw new AiosError('AIOS_NOT_FOUND', `No note has the id "${request.id}".`)
      notes.delete(request.id)
      return note
    },
  }
  return { sys: { memory } as unknown as Sys, notes, requests }
}
