/** Milliseconds for which a call of a store waits without any answer from Redis, where the options name none. */
export const DEFAULT_TIMEOUT_MS = 5_000

/** Bytes a millisecond that a slow network is taken to carry: a large write has that much longer. */
export const SLOW_BYTES_PER_MS = 16_384

/** Commands, and bytes of them, that are on their way to Redis at once. Redis remembers the outcomes of as many writes. */
export const IN_FLIGHT = { commands: 256, bytes: 67_108_864 } as const

/** Calls that wait while there is no connection; more are refused at once. */
export const WAITING_CALLS = 10_000

/** Milliseconds before the store connects again: after the first failure, and at most. */
export const RECONNECT_MS = { first: 50, most: 2_000 } as const

/** Bytes that one write counts for beside its key and value, so that a batch of very many has more time. */
export const WRITE_BYTES = 1_024

/** Bytes of keys and values of one batch: 512 MiB, half of what Redis takes as one command. */
export const BATCH_BYTES = 536_870_912

/** Records, and bytes of them, that one step of an iteration fetches; a larger record comes alone. */
export const PAGE = { records: 512, bytes: 1_048_576 } as const

/** Keys that one step of `getMany` asks for. */
export const KEYS_AT_ONCE = 1_000

/** Milliseconds after which Redis forgets the copies of an export that does not go on. */
export const COPY_TTL_MS = 3_600_000

/** Milliseconds for which Redis remembers what became of an opener's writes; made longer when half of it has passed. */
export const SESSION_TTL_MS = 86_400_000
