import type { CustomPart, MessagePart, SourcePart } from '@aios/kernel'
import { isRecord } from '../core/record.js'

type Fields = Readonly<Record<string, unknown>>
type Kept = CustomPart | SourcePart

const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])

function sourcesOf(tool: Fields): SourcePart[] {
  const search = isRecord(tool['search_results']) ? tool['search_results'] : {}
  return records(search['results']).flatMap(({ url, title }) =>
    typeof url === 'string' ? [{ type: 'source' as const, url, ...(typeof title === 'string' ? { title } : {}) }] : [],
  )
}

/** Whether the chat completions of others have such an annotation; it is read with the rest of the answer. */
const isCommon = (annotation: Fields): boolean => 'url_citation' in annotation

/** Returns what a message, or a piece of one, holds of Groq's own: its tools and their results, and what it cites. */
function ownParts(answer: unknown): Kept[] {
  const fields = isRecord(answer) ? answer : {}
  const tools = records(fields['executed_tools']).flatMap((tool): Kept[] => [
    { type: 'custom', kind: 'groq.executed_tool', value: tool },
    ...sourcesOf(tool),
  ])
  const cited = records(fields['annotations']).filter((annotation) => !isCommon(annotation))
  return [...tools, ...cited.map((value): Kept => ({ type: 'custom', kind: 'groq.annotation', value }))]
}

/** Returns what a chat completion, or a chunk of one, holds of Groq's own. */
export function groqParts(completion: unknown): Kept[] {
  const choices = records(isRecord(completion) ? completion['choices'] : undefined)
  const first = choices.find((choice) => (choice['index'] ?? 0) === 0)
  return first === undefined ? [] : ownParts(first['message'] ?? first['delta'])
}

/** Puts Groq's own parts into an answer: its tools ran before it said what it made of them. */
export function withGroqParts(parts: readonly MessagePart[], completion: unknown): readonly MessagePart[] {
  const own = groqParts(completion)
  if (own.length === 0) return parts
  const at = parts.findIndex(({ type }) => type !== 'reasoning')
  const head = at < 0 ? parts.length : at
  return [...parts.slice(0, head), ...own, ...parts.slice(head)]
}
