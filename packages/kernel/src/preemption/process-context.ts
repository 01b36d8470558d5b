/** Is what is kept of a generation while it is off its core: all that continuing it takes. */
export type Snapshot =
  | { readonly kind: 'state'; readonly state: unknown; readonly outputTokens: number }
  | {
      readonly kind: 'prefix'
      /** The text blocks delivered so far, which the core takes as the beginning of its answer. */
      readonly texts: readonly string[]
      readonly outputTokens: number
    }

/** Is what a context switch keeps of a call, from its first cut on. */
export class ProcessContext {
  /** Set while the call is off its core. */
  snapshot: Snapshot | undefined = undefined
  /** Times that the call got its slot. */
  slices = 1
  /** When it first got it. */
  readonly firstStart: number
  /** Milliseconds on its core, without the slice that runs. */
  ranMs = 0
  /** Tokens worked through again, or in vain. */
  overheadTokens = 0
  /** Output tokens delivered before the slice that runs: its core does not count them as output. */
  tokensBefore = 0
  /** Milliseconds that saving took last. */
  savingMs = 0

  constructor(firstStart: number) {
    this.firstStart = firstStart
  }
}
