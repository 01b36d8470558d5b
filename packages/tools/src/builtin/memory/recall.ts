import { NOTE_TAGS, QUERY_CHARS, RECALL_NOTES, TAG_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { integer, optional, shape, text, texts } from '../input-shape.js'

/** Is one note as `recall` shows it. */
export interface RecalledNote {
  readonly id: string
  readonly content: string
  readonly tags: readonly string[]
  /** How well it matches: the higher the better, comparable within one answer only. */
  readonly score: number
  /** When it was stored, in UTC, such as `2030-01-31T12:00:00.000Z`. */
  readonly createdAt: string
}

/** Is what `recall` returns. */
export interface Recalled {
  /** Best first. */
  readonly notes: readonly RecalledNote[]
}

const DESCRIPTION = `Searches long-term memory for notes that remember stored, and returns the best matches first. \
Use it before you say that you do not know something about the user or earlier work.`

/** Makes the tool `builtin/recall`. */
export function recall(): Tool<unknown, Recalled> {
  const { most, byDefault } = RECALL_NOTES
  return defineTool({
    name: 'recall',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: shape({
      query: text('What to look for: the words that the note likely has.', { min: 1, max: QUERY_CHARS }),
      limit: optional(integer(`Most notes to return. Default ${byDefault}.`, { min: 1, max: most })),
      tags: optional(texts('Only notes that carry all of these tags.', { most: NOTE_TAGS, min: 1, max: TAG_CHARS })),
    }),
    async execute({ query, limit = byDefault, tags }, { sys }): Promise<Recalled> {
      const hits = await sys.memory.retrieve({ query, limit, tags })
      const notes = hits.map((hit) => ({
        id: hit.id,
        content: hit.content,
        tags: hit.tags,
        score: hit.score,
        createdAt: new Date(hit.createdAt).toISOString(),
      }))
      return { notes }
    },
  })
}
