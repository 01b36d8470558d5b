/** Says by which texts a model marks what is no plain text, each where its chat template has it. */
export interface CallSyntax {
  /** What begins a call of a tool, the longest first. */
  readonly opens: readonly string[]
  /** What stands between the tool's name and its arguments, which are JSON. */
  readonly middle: string
  readonly closes: string
  /** What stands around several calls. */
  readonly around: readonly string[]
  /** Whether several calls may follow each other. */
  readonly isParallel: boolean
}

/** Says by which texts a model marks its thoughts. */
export interface ThoughtSyntax {
  /** undefined where an answer begins with a thought, and has no other. */
  readonly opens: string | undefined
  readonly closes: string
}

/** Says what the answers of a model are made of besides text. */
export interface AnswerSyntax {
  readonly call: CallSyntax
  readonly thought: ThoughtSyntax | undefined
}

/** Returns the texts of a model's marks, of which tokens that are no text may be part. */
export function marksOf({ call, thought }: AnswerSyntax): readonly string[] {
  return [...call.opens, call.middle, call.closes, ...call.around, thought?.opens ?? '', thought?.closes ?? '']
}
