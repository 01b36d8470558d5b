import { outputOf } from './plan.js'
import type { Plan } from './plan.js'

/** Is a file or folder as `list_files` shows it. */
export interface Entry {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly sizeBytes: number
  readonly modifiedAt: string
}

/** Is everything below the root. */
export interface Folder {
  readonly files: readonly Entry[]
  readonly folders: readonly Entry[]
}

interface Listing {
  readonly entries: readonly Entry[]
  readonly total: number
  readonly nextOffset?: number
}

const PAGE = 1_000

/** Lists everything there is: one call, or all remaining pages at once where the first one does not hold all. */
export function* surveyFolder(): Plan<Folder> {
  const request = (offset: number) => ({ tool: 'list_files', input: { recursive: true, limit: PAGE, offset } }) as const
  const [answer] = yield [request(0)]
  const first = outputOf<Listing>(answer)
  const entries = [...first.entries]
  if (first.nextOffset !== undefined) {
    const page = first.nextOffset
    const count = Math.ceil(first.total / page) - 1
    const rest = yield Array.from({ length: count }, (_none, index) => request(page * (index + 1)))
    for (const one of rest) entries.push(...outputOf<Listing>(one).entries)
  }
  return {
    files: entries.filter(({ kind }) => kind === 'file'),
    folders: entries.filter(({ kind }) => kind === 'directory'),
  }
}
