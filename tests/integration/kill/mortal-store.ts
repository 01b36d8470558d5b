import type { RecordRange, RecordStore, StoredRecord } from '@aios/kernel/driver'

/** Is a moment at which a process may be killed; it says where that is. */
export type Moment = (where: string) => void

/** Makes a store whose process may be killed before each operation, while it is under way, and after it was answered. */
export function mortalStore(store: RecordStore, moment: Moment): RecordStore {
  const guard = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    moment(`before ${name}`)
    const result = act()
    moment(`during ${name}`)
    const value = await result
    moment(`after ${name}`)
    return value
  }
  return {
    id: store.id,
    durability: store.durability,
    open: () => guard('open', () => store.open()),
    close: () => store.close(),
    get: (...given) => guard('get', () => store.get(...given)),
    getMany: (...given) => guard('getMany', () => store.getMany(...given)),
    range: (space, range) => ranged(store, { space, range, moment }),
    put: (...given) => guard('put', () => store.put(...given)),
    remove: (...given) => guard('remove', () => store.remove(...given)),
    batch: (...given) => guard('batch', () => store.batch(...given)),
    watch: (...given) => store.watch(...given),
    size: (...given) => store.size(...given),
    compact: () => store.compact(),
    export: () => store.export(),
    import: (...given) => store.import(...given),
  }
}

async function* ranged(
  store: RecordStore,
  {
    space,
    range,
    moment,
  }: { readonly space: string; readonly range: RecordRange | undefined; readonly moment: Moment },
): AsyncGenerator<StoredRecord> {
  moment('before range')
  yield* store.range(space, range)
  moment('after range')
}
