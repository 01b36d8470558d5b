/** Is a tool call that a plan wants, under the bare name of the tool. */
export interface ToolRequest {
  readonly tool: 'list_files' | 'read_file' | 'search_files' | 'calculator' | 'clock'
  readonly input: Readonly<Record<string, unknown>>
}

/** Is what became of a tool call. */
export type ToolAnswer =
  { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly message: string }

/**
 * Is a way to answer a question: it yields tool calls that may run in parallel, gets their answers in the same order,
 * and returns the text of the answer. It must do the same again when it is run again over the same answers: that is how
 * a core without memory follows a conversation.
 */
export type Plan<Result = string> = Generator<readonly ToolRequest[], Result, readonly ToolAnswer[]>

/** Ends a plan with a text that says why there is no answer. */
export class CannotAnswer extends Error {}

/** Returns the output of a call that has to succeed. */
export function outputOf<T>(answer: ToolAnswer | undefined): T {
  if (answer?.ok === true) return answer.output as T
  throw new CannotAnswer(`A tool failed: ${answer?.message ?? 'it gave no answer'}`)
}
