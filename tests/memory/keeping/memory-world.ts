import type { MemoryAddRequest, MemoryNote, RecordStore } from '@aios/kernel/driver'
import { ramRecords } from '@aios/kernel'
import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { NoteKeeper } from '../../../packages/memory/src/keeping/note-keeper.js'

/** Is one opener of the notes of a device, with what it wrote to its log. */
export interface Opener {
  readonly keeper: NoteKeeper
  readonly log: string[]
  add(content: string, key?: string, more?: Partial<MemoryAddRequest>): Promise<MemoryNote>
  update(id: string, fields: Partial<MemoryAddRequest>, key?: string): Promise<MemoryNote>
  remove(id: string, key?: string): Promise<MemoryNote>
  get(id: string): Promise<MemoryNote>
  /** Contents that a query finds, in order of the alphabet. */
  find(query: string): readonly string[]
}

export const NOTES = 'memory/it/notes'
export const KEYS = 'memory/it/keys'
export const HEAD = 'memory/it/head'

/** Makes a store in RAM that is open. */
export async function openStore(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  return records
}

/** Opens the notes of the device "it". */
export async function opener(records: RecordStore, maxNotes = 1_000): Promise<Opener> {
  const log: string[] = []
  const note = (message: string): void => void log.push(message)
  const services = {
    ...fakeDriverServices(virtualClock(1_000), records),
    log: { debug: note, info: note, warn: note, error: note },
  }
  const keeper = new NoteKeeper(services, { id: 'it', limits: undefined, maxNotes })
  await keeper.open()
  return {
    keeper,
    log,
    add: (content, key, more) => keeper.change({ verb: 'add', request: { ...more, namespace: 'one', content }, key }),
    update: (id, fields, key) => keeper.change({ verb: 'update', request: { ...fields, namespace: 'one', id }, key }),
    remove: (id, key) => keeper.change({ verb: 'remove', request: { namespace: 'one', id }, key }),
    get: async (id) => keeper.get({ namespace: 'one', id }),
    find: (query) =>
      keeper
        .retrieve({ namespace: 'one', query, limit: 1_000 })
        .map(({ content }) => content)
        .sort(),
  }
}

/** Makes a store whose batches do what `batch` does. */
export function withBatch(store: RecordStore, batch: RecordStore['batch']): RecordStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'batch') return batch
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
