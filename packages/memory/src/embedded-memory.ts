import { AiosError, type DriverCall, type MemoryDriver } from '@aios/kernel/driver'
import { memorySettings, type EmbeddedMemoryOptions } from './embedded-memory-options.js'
import { NoteKeeper } from './keeping/note-keeper.js'
import { resultName } from './keeping/result-key.js'

/**
 * Describes a memory that needs nothing installed: notes are kept in the kernel's record store, and are there again after a
 * restart if that survives it; in RAM, the default, they are gone with the kernel. A note can be retrieved as soon as
 * `memory.add` resolves, and survives from then on what a write of the store survives. Retrieval is BM25 over content,
 * keywords, tags and category, from an index in RAM; among equal scores the note changed last comes first. Ids are `n1`, `n2`,
 * … in base 36, in the order of the calls, and never given twice. What it returns is frozen.
 *
 * - One driver serves one kernel at a time. Several kernels may use one store, in one process or not: no note is lost or
 *   overwritten by accident, `get` finds what others added, and `retrieve` as soon as the change feed of the store tells.
 * - A call that comes again with the same key (a run that is resumed) has one effect: with the same request it is answered as
 *   before, with another one the newer request replaces the earlier effect; a note that it added keeps its id. What the
 *   calls of a run came to is forgotten when the run has ended.
 * - A note that is damaged, or of another format, is logged when the kernel opens, does not appear in `retrieve`, and rejects
 *   with `AIOS_CORRUPT` by its id; the others are there. What the store rejects with passes through; then the call has not
 *   changed what is retrieved.
 * - One note has at most 64 MiB as JSON; above that it is refused with `AIOS_QUOTA_EXCEEDED`.
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
  const settings = memorySettings(options)
  const { id, limits } = settings
  let keeper: NoteKeeper | undefined
  const notes = (): NoteKeeper => {
    if (keeper !== undefined) return keeper
    throw new AiosError('AIOS_CLOSED', `Expected memory "${id}" to be open, got a call outside of its kernel's life.`)
  }
  return {
    kind: 'memory',
    id,
    ...(limits === undefined ? {} : { limits }),
    async open(services) {
      if (keeper !== undefined) {
        const advice = 'Call embeddedMemory() once for each kernel.'
        throw new AiosError(
          'AIOS_INVALID_OPTION',
          `Expected memory "${id}" to serve one kernel, got a second. ${advice}`,
        )
      }
      const opened = (keeper = new NoteKeeper(services, settings))
      try {
        await opened.open()
      } catch (error) {
        keeper = undefined
        throw error
      }
    },
    async close() {
      const closing = keeper
      keeper = undefined
      await closing?.close()
    },
    add: (request, call) => notes().change({ verb: 'add', request, key: keyOf(call) }),
    get: (request) => notes().get(request),
    update: (request, call) => notes().change({ verb: 'update', request, key: keyOf(call) }),
    remove: (request, call) => notes().change({ verb: 'remove', request, key: keyOf(call) }),
    retrieve: (request) => notes().retrieve(request),
    forget: (runId) => notes().forget(runId),
  }
}

function keyOf({ key }: DriverCall): string | undefined {
  return key === undefined ? undefined : resultName(key)
}
