import { TAG_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { shape, text } from '../input-shape.js'

/** Is what `forget` returns. */
export interface Forgotten {
  readonly id: string
  /** What the note said. */
  readonly content: string
}

/** Makes the tool `builtin/forget`. */
export function forget(): Tool<unknown, Forgotten> {
  return defineTool({
    name: 'forget',
    source: 'builtin',
    description: 'Removes one note from long-term memory for good, by the id that recall shows. Returns what it said.',
    input: shape({ id: text('Id of the note.', { min: 1, max: TAG_CHARS }) }),
    async execute({ id }, { sys }): Promise<Forgotten> {
      const { content } = await sys.memory.remove({ id })
      return { id, content }
    },
  })
}
