import { AiosError, type MemoryDriver } from '@aios/kernel/driver'
import { memorySettings, type EmbeddedMemoryOptions } from './embedded-memory-options.js'
import { NoteStore } from './note/note-store.js'

/**
 * Describes a memory that needs nothing installed: notes live in this process and are gone when the kernel closes.
 * A note can be retrieved as soon as `memory.add` resolves. Retrieval is BM25 over content, keywords, tags and category;
 * among equal scores the note changed last comes first. Ids are `n1`, `n2`, … in base 36, in the order of the calls.
 *
 * One driver serves one kernel at a time; what it returns is frozen.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or an impossible value
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { embeddedMemory } from '@aios/memory'
 *
 * const kernel = await createKernel({ memory: embeddedMemory({ maxNotes: 10_000 }) })
 * const { memory } = kernel.sys({ name: 'diary' })
 * await memory.add({ content: 'The spare key lies under the blue flower pot.', tags: ['home'] })
 * const [hit] = await memory.retrieve({ query: 'where are my keys' })
 * console.log(hit?.content, hit?.score)
 * await kernel.close()
 * ```
 */
export function embeddedMemory(options: EmbeddedMemoryOptions = {}): MemoryDriver {
  const { id, limits, maxNotes } = memorySettings(options)
  let store: NoteStore | undefined
  const notes = (): NoteStore => {
    if (store !== undefined) return store
    throw new AiosError('AIOS_CLOSED', `Expected memory "${id}" to be open, got a call outside of its kernel's life.`)
  }
  return {
    kind: 'memory',
    id,
    ...(limits === undefined ? {} : { limits }),
    open(services) {
      if (store !== undefined) {
        const advice = 'Call embeddedMemory() once for each kernel.'
        throw new AiosError(
          'AIOS_INVALID_OPTION',
          `Expected memory "${id}" to serve one kernel, got a second. ${advice}`,
        )
      }
      store = new NoteStore(services.clock, maxNotes)
    },
    close() {
      store = undefined
    },
    add: (request) => notes().add(request),
    get: (request) => notes().get(request),
    update: (request) => notes().update(request),
    remove: (request) => notes().remove(request),
    retrieve: (request) => notes().retrieve(request),
  }
}
