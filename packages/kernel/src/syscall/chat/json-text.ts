/** Is what was found in an answer: a JSON value, or what is wrong. */
export type FoundJson = { readonly value: unknown } | { readonly problem: string }

const FENCE = /```[\w-]*\s*\n([\s\S]*?)```/

/** Returns what may be JSON in a text, the likeliest first: all of it, a code block, from the first bracket to the last. */
function* candidates(text: string): Generator<string, void> {
  yield text
  const fenced = FENCE.exec(text)?.[1]
  if (fenced !== undefined) yield fenced
  const start = text.search(/[[{]/)
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))
  if (start >= 0 && end > start) yield text.slice(start, end + 1)
}

/** Finds the JSON value that a model wrote, with or without words and code fences around it. */
export function jsonIn(text: string): FoundJson {
  let problem: string | undefined
  for (const candidate of candidates(text)) {
    try {
      return { value: JSON.parse(candidate) as unknown }
    } catch (error) {
      problem ??= `It is no JSON: ${(error as SyntaxError).message}`
    }
  }
  return { problem: problem ?? 'It is no JSON.' }
}
