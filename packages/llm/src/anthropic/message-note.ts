import type { CustomPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'

/** Is the kind of the custom part that tells what a message says beside its content. It is never sent back. */
export const NOTE_KIND = 'anthropic.message'

/** Names what a message may say beside its content: the container it ran code in, why it was refused, and the like. */
const NOTED = ['container', 'context_management', 'stop_details', 'stop_sequence'] as const

const isSaid = (value: unknown): boolean => {
  if (value === null || value === undefined) return false
  // Says that nothing was edited.
  return !isRecord(value) || !Array.isArray(value['applied_edits']) || value['applied_edits'].length > 0
}

/** Collects what a message, or the events of a streamed one, say beside the content. */
export class MessageNote {
  readonly #said: Record<string, unknown> = {}

  read(fields: Readonly<Record<string, unknown>>): void {
    for (const name of NOTED) if (isSaid(fields[name])) this.#said[name] = fields[name]
  }

  /** Returns it as a part, or none. */
  parts(): CustomPart[] {
    return Object.keys(this.#said).length === 0 ? [] : [{ type: 'custom', kind: NOTE_KIND, value: { ...this.#said } }]
  }
}
