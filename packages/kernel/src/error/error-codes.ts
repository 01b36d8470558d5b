/**
 * One row per error code: what it means and whether trying the same call again can help.
 * Rows are only ever added. A code enters with the first release that raises it.
 */
export const ERROR_CODES = {
  AIOS_INVALID_OPTION: {
    retryable: false,
    meaning: 'An option has an unknown key, a wrong type or an impossible value.',
  },
  AIOS_UNKNOWN_SYSCALL: { retryable: false, meaning: 'No row of the syscall table has this name.' },
  AIOS_INVALID_SYSCALL: { retryable: false, meaning: 'The request does not have the shape its row demands.' },
  AIOS_NO_DEVICE: { retryable: false, meaning: 'No driver serves this syscall.' },
  AIOS_MISSING_PEER: { retryable: false, meaning: 'An optional package that this driver needs is not installed.' },
  AIOS_QUEUE_FULL: { retryable: true, meaning: 'The lane, mailbox or buffer is at its bound.' },
  AIOS_LIMIT_IMPOSSIBLE: {
    retryable: false,
    meaning: 'The call can never fit a limit of its core, process or tenant.',
  },
  AIOS_DEADLINE_EXCEEDED: { retryable: false, meaning: 'The deadline of the call, or of its process, has passed.' },
  AIOS_PROCESS_KILLED: { retryable: false, meaning: 'The process was killed.' },
  AIOS_PROCESS_EXITED: {
    retryable: false,
    meaning: 'The process, or the call that this call was nested in, has already ended.',
  },
  AIOS_AGENT_FAILED: { retryable: false, meaning: 'A child process that was waited for threw; the cause is kept.' },
  AIOS_NO_SUCH_PROCESS: { retryable: false, meaning: 'No living process has this pid.' },
  AIOS_WAIT_CYCLE: { retryable: false, meaning: 'This wait could never end: everything it waits for waits for it.' },
  AIOS_BUDGET_EXCEEDED: { retryable: false, meaning: 'The call does not fit what is left of a budget.' },
  AIOS_BUDGET_UNPRICED: { retryable: false, meaning: 'A money budget needs a core that declares its price.' },
  AIOS_ACCESS_DENIED: { retryable: false, meaning: 'The process was not granted this.' },
  AIOS_CLOSED: { retryable: false, meaning: 'The kernel or the device is closed.' },
  AIOS_BUG: { retryable: false, meaning: 'An invariant of the kernel broke. Please report it.' },
  AIOS_DRIVER_FAILED: {
    retryable: false,
    meaning: 'A driver threw something that is no AiosError; the cause is kept.',
  },
  AIOS_HOOK_FAILED: { retryable: false, meaning: 'A syscall hook threw; the cause is kept.' },
  AIOS_STREAM_IDLE: { retryable: false, meaning: 'The consumer of a stream did not pull for too long.' },
  AIOS_NOT_FOUND: { retryable: false, meaning: 'Nothing is stored under this id or path.' },
  AIOS_QUOTA_EXCEEDED: { retryable: false, meaning: 'A size limit, or the space on the device, is used up.' },
  AIOS_NOT_CLONEABLE: {
    retryable: false,
    meaning: 'The value holds functions or handles and cannot be copied between processes.',
  },
  AIOS_VERSION_CONFLICT: { retryable: false, meaning: 'A record is not in the state that the write depends on.' },
  AIOS_CORRUPT: { retryable: false, meaning: 'Stored bytes are damaged, or are not what this library wrote.' },
  AIOS_STORE_UNAVAILABLE: { retryable: true, meaning: 'The store cannot be reached, opened or written now.' },
  AIOS_IDEMPOTENCY_CONFLICT: {
    retryable: false,
    meaning: 'The same idempotency key, or the same run id, was used before with another request.',
  },
  AIOS_REPLAY_DIVERGED: {
    retryable: false,
    meaning: 'An agent that is replayed did not make the calls that its journal holds.',
  },
  AIOS_OUTCOME_UNKNOWN: {
    retryable: false,
    meaning: 'The process was killed while this call, which must not be made twice, was on its device.',
  },
  AIOS_NO_SUCH_TOOL: { retryable: false, meaning: 'No tool has this name, or a bare name is not unique.' },
  AIOS_TOOL_FAILED: { retryable: false, meaning: 'The tool threw; the cause is kept.' },
  AIOS_TOOL_TIMEOUT: { retryable: true, meaning: 'The tool did not settle within its time limit.' },
  AIOS_INVALID_TOOL_INPUT: { retryable: false, meaning: 'The input does not match the schema of the tool.' },
  AIOS_INVALID_TOOL_OUTPUT: { retryable: false, meaning: 'The tool returned what its own schema forbids.' },
  AIOS_UNSUPPORTED: { retryable: false, meaning: 'This driver cannot do this.' },
  AIOS_NETWORK_FORBIDDEN: {
    retryable: false,
    meaning: 'A test forbade the network, and something reached for a host.',
  },
  AIOS_LLM_AUTH: { retryable: false, meaning: 'The provider refused the key.' },
  AIOS_LLM_PERMISSION: { retryable: false, meaning: 'The key may not use this model or feature.' },
  AIOS_LLM_NOT_FOUND: { retryable: false, meaning: 'The provider does not know this model or endpoint.' },
  AIOS_LLM_BAD_REQUEST: { retryable: false, meaning: 'The provider rejected the request as malformed.' },
  AIOS_LLM_CONTEXT_OVERFLOW: { retryable: false, meaning: 'The conversation does not fit the context window.' },
  AIOS_LLM_CONTENT_FILTER: { retryable: false, meaning: 'The provider refused the content.' },
  AIOS_LLM_RATE_LIMIT: { retryable: true, meaning: 'The provider is limiting this key.' },
  AIOS_LLM_OVERLOADED: { retryable: true, meaning: 'The provider is overloaded.' },
  AIOS_LLM_SERVER: { retryable: true, meaning: 'The provider failed.' },
  AIOS_LLM_TIMEOUT: { retryable: true, meaning: 'The provider did not answer in time.' },
  AIOS_LLM_NETWORK: { retryable: true, meaning: 'The connection to the provider failed.' },
  AIOS_LLM_INCOMPLETE_STREAM: { retryable: true, meaning: 'The answer ended without its closing part.' },
  AIOS_LLM_INVALID_OUTPUT: {
    retryable: true,
    meaning: 'The model answered with something that breaks the demanded format.',
  },
} as const

/** Names every error code of the built-in families. */
export type BuiltinErrorCode = keyof typeof ERROR_CODES

/**
 * Lets third parties register the codes of their own syscall families by declaration merging.
 *
 * @example
 * ```ts
 * declare module '@aios/kernel' {
 *   interface ErrorCodeRegistry { WEATHER_NO_STATION: true }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging
export interface ErrorCodeRegistry {}

/** Names every error code an {@link AiosError} can carry. */
export type ErrorCode = BuiltinErrorCode | (keyof ErrorCodeRegistry & string)
