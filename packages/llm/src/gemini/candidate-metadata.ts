import type { CustomPart, SourcePart } from '@aios/kernel'
import { isRecord } from '../core/record.js'

type Fields = Readonly<Record<string, unknown>>

/** Name the fields of a candidate that say more about the answer than sources can, and belong to no part of it. */
const KEPT = ['groundingMetadata', 'urlContextMetadata', 'finishMessage'] as const
const KINDS: ReadonlySet<string> = new Set(KEPT.map((name) => `google.${name}`))

const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Tells whether a part is about an answer, not of it: it never goes back. */
export function isMetadata({ kind }: CustomPart): boolean {
  return KINDS.has(kind)
}

function sourcesIn(candidate: Fields): SourcePart[] {
  const grounding = isRecord(candidate['groundingMetadata']) ? candidate['groundingMetadata'] : {}
  const chunks = records(grounding['groundingChunks']).flatMap((chunk) => Object.values(chunk).filter(isRecord))
  const citation = isRecord(candidate['citationMetadata']) ? candidate['citationMetadata'] : {}
  // The API says citationSources; the package @google/genai renames them.
  const cited = [...records(citation['citationSources']), ...records(citation['citations'])]
  return [...chunks, ...cited].flatMap((source) => {
    const url = text(source['uri'])
    const title = text(source['title'])
    if (url === undefined && title === undefined) return []
    return [
      { type: 'source' as const, ...(url === undefined ? {} : { url }), ...(title === undefined ? {} : { title }) },
    ]
  })
}

/** Keeps what the candidates of one answer say besides their parts; a stream says much of it again and again. */
export class CandidateMetadata {
  readonly #seen = new Set<string>()
  readonly #kept = new Map<string, unknown>()

  /** Takes one candidate and returns the sources that are new. */
  read(candidate: Fields): SourcePart[] {
    for (const name of KEPT) {
      if (candidate[name] !== undefined && candidate[name] !== null) this.#kept.set(name, candidate[name])
    }
    return sourcesIn(candidate).filter((source) => {
      const key = JSON.stringify([source.url, source.title])
      if (this.#seen.has(key)) return false
      this.#seen.add(key)
      return true
    })
  }

  /**
   * Returns the last of what was said besides.
   *
   * @param isOrdinary - whether the answer ended as answers do: then there is nothing to say about its end
   */
  end(isOrdinary: boolean): CustomPart[] {
    return [...this.#kept].flatMap(([name, value]): CustomPart[] =>
      name === 'finishMessage' && isOrdinary ? [] : [{ type: 'custom', kind: `google.${name}`, value }],
    )
  }
}
