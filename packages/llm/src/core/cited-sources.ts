import type { SourcePart } from '@aios/kernel'
import { isRecord } from './record.js'

/** Lists the pages that an answer cites, each once. Whole citations stay with the text they belong to. */
export class CitedSources {
  readonly #seen = new Set<string>()

  /** Takes the citations of one text and returns the sources that are new. */
  read(citations: unknown): SourcePart[] {
    if (!Array.isArray(citations)) return []
    return citations.filter(isRecord).flatMap(({ url, title }) => {
      if (typeof url !== 'string' || this.#seen.has(url)) return []
      this.#seen.add(url)
      return [{ type: 'source' as const, url, ...(typeof title === 'string' ? { title } : {}) }]
    })
  }
}
