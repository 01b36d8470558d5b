import { NOTE_CHARS, NOTE_TAGS, TAG_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { optional, shape, text, texts } from '../input-shape.js'

/** Is what `remember` returns. */
export interface Remembered {
  /** Id of the new note. */
  readonly id: string
}

const DESCRIPTION = `Stores a note in long-term memory, where recall finds it later, also in other conversations. \
Write one fact a note, complete in itself: with names instead of "he" or "it", and dates instead of "today".`

/** Makes the tool `builtin/remember`. */
export function remember(): Tool<unknown, Remembered> {
  return defineTool({
    name: 'remember',
    source: 'builtin',
    description: DESCRIPTION,
    input: shape({
      content: text('The note.', { min: 1, max: NOTE_CHARS }),
      tags: optional(texts('Words to filter by later.', { most: NOTE_TAGS, min: 1, max: TAG_CHARS })),
    }),
    async execute({ content, tags }, { sys }): Promise<Remembered> {
      const { id } = await sys.memory.add({ content, tags })
      return { id }
    },
  })
}
