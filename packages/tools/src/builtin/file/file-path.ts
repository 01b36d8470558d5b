import { PATH_CHARS } from '../../limits.js'
import { type Field, text } from '../input-shape.js'

/** Describes the path of a file tool. */
export function pathField(description: string): Field<string> {
  return text(`${description} Relative to the root, with "/", such as "notes/today.md".`, { min: 1, max: PATH_CHARS })
}

/** Names the lock of a path: the same for all ways to write it that need no look at the disk. */
export function fileConflictKeys({ path }: { readonly path: string }): readonly string[] {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.')
  return [`files/${steps.join('/')}`]
}
