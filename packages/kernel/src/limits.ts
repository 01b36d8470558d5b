/** Bounds of a kernel. Every default and cap of the kernel stands in this file. */
export interface KernelLimits {
  /** Milliseconds after a cancelled call's abort at which its slot is taken back from a driver that ignores its signal. */
  readonly abandonAfterMs: number
  /** Milliseconds a stream may wait for its consumer's next pull before it is ended with `AIOS_STREAM_IDLE`. */
  readonly streamIdleMs: number
  /** Most parts buffered for a suspended consumer while its stream drains. */
  readonly streamBufferParts: number
  /** Most characters of one answer of a core; a core that goes on is aborted with `AIOS_QUOTA_EXCEEDED`. */
  readonly replyChars: number
  /** Most output tokens of a call under a token or money budget that names none itself. */
  readonly maxOutputTokens: number
  /** Most calls waiting in a lane whose driver sets no depth. */
  readonly laneDepth: number
  /** Most messages waiting in the mailbox of a process. */
  readonly mailboxDepth: number
  /** Most events buffered for one reader of `kernel.events()`; beyond it the oldest are dropped and counted. */
  readonly eventBuffer: number
  /** Exited processes that stay visible in `ps()`. */
  readonly exitedProcesses: number
  /** Milliseconds after which a replayed run whose agents do nothing more is ended with `AIOS_REPLAY_DIVERGED`. */
  readonly replayIdleMs: number
  /** Milliseconds for which a kernel that says nothing keeps its runs from others on the same store. */
  readonly leaseMs: number
  /** Milliseconds for which a store that fails is tried again before the journalled runs stop. */
  readonly journalRetryMs: number
  /** Bytes of the journal that may wait for the store before new calls have to wait too. */
  readonly journalBufferBytes: number
  /** Answers to calls with an `idempotencyKey` that are kept; beyond it the oldest are deleted. */
  readonly idempotencyKeys: number
  /** Milliseconds for which such an answer is kept: the same key runs again after that. */
  readonly idempotencyMs: number
  /** Milliseconds `close()` waits for drivers to let go of running calls, and again for them to close; never less than `abandonAfterMs`. */
  readonly closeAfterMs: number
}

/** Holds the defaults of {@link KernelLimits}. */
export const DEFAULT_LIMITS: KernelLimits = {
  abandonAfterMs: 5_000,
  streamIdleMs: 60_000,
  streamBufferParts: 10_000,
  replyChars: 16_777_216,
  maxOutputTokens: 4_096,
  laneDepth: 1_000_000,
  mailboxDepth: 1_000,
  eventBuffer: 1_024,
  exitedProcesses: 256,
  replayIdleMs: 10_000,
  leaseMs: 10_000,
  journalRetryMs: 30_000,
  journalBufferBytes: 67_108_864,
  idempotencyKeys: 100_000,
  idempotencyMs: 604_800_000,
  closeAfterMs: 10_000,
}

/** Most calls at once on a device whose driver sets no concurrency. */
export const DEFAULT_CONCURRENCY = { llm: 8, memory: 64, storage: 32, tool: 64, custom: 64 } as const

/** Priority of a call whose process and options name none. */
export const DEFAULT_PRIORITY = 3

/** Number of priority classes. */
export const PRIORITY_CLASSES = 8

/** Milliseconds of waiting that raise a call by one class, where a policy is given none. */
export const DEFAULT_AGEING_MS = 10_000

/** Milliseconds for which a consumer may leave a stream unread, while others wait for its slot, before the kernel reads it to its end. */
export const UNREAD_MS = 1_000

/** Starts after which a pump lets input and output have their turn. */
export const PUMP_STARTS = 256

/** Milliseconds after which a pump lets input and output have their turn. */
export const PUMP_MS = 4

/** Children that ended and were not waited for whose ends a process keeps; beyond it the oldest go first. */
export const UNWAITED_CHILDREN = 10_000

/** Parked calls that are looked at when a budget changes, so that a crowd of them costs no more than a few. */
export const PARKED_LOOKAHEAD = 64

/** Characters that an agent, row or namespace name may have. */
export const NAME_CHARS = 256

/** Characters of a token where the kernel estimates: as is usual for English. */
export const CHARS_PER_TOKEN = 4

/** Service times a lane remembers, and how many it must have before it refuses a call for lack of time. */
export const SERVICE_TIMES = { kept: 64, needed: 16 } as const

/** Milliseconds after the last one measured at which service times no longer say anything. */
export const SERVICE_TIMES_MS = 60_000

/** Output tokens of a stream that are told to the policy of its lane at a time. */
export const SERVED_STEP = 32

/** Tokens that the kernel adds for each message when it bounds the input of a call from its bytes. */
export const TOKENS_PER_MESSAGE = 8

/** Calls that may be passed over to fill a batch that would otherwise start part empty. */
export const MOST_PASSED_OVER = 8

/** Bytes that `random.bytes` draws at most. */
export const MOST_RANDOM_BYTES = 65_536

/** Changes of a record store that wait for one reader; beyond it the oldest are dropped and counted. */
export const CHANGE_FEED_FACTS = 4_096

/** Records, and bytes of them, that are put in one batch while an export is read. */
export const IMPORT_BATCH = { records: 1_000, bytes: 4_194_304 } as const

/** Bytes of an export that are gathered to one chunk; a larger value is a chunk of its own. */
export const EXPORT_CHUNK_BYTES = 65_536
