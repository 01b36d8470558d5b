import type { TokenSource, TrimmedStep } from '../context/fitted-context.js'
import type { SyscallRecord } from '../syscall/syscall-record.js'

/** Identifies the process that an event is about. */
export interface ProcessFact {
  readonly pid: number
  readonly parentPid: number
  readonly name: string
  readonly at: number
}

/** Identifies the syscall that an event is about. */
export interface SyscallFact {
  readonly id: number
  /** Row name such as `llm.chat`. */
  readonly name: string
  readonly pid: number
  readonly lane: string | undefined
  readonly at: number
}

/** Says that a lane reached its bound, or emptied again. */
export interface LaneFact {
  readonly lane: string
  readonly queued: number
  readonly running: number
  readonly at: number
}

/** Says how a conversation was made to fit. */
export interface TrimFact extends SyscallFact {
  /** Size of the context window, and how much of it is reserved for the answer. In tokens. */
  readonly windowTokens: number
  readonly reservedTokens: number
  readonly beforeTokens: number
  readonly afterTokens: number
  /** Who counted `afterTokens`. */
  readonly source: TokenSource
  /** What each step that was needed did, in order. */
  readonly steps: readonly TrimmedStep[]
}

/** Says what became of a generation that was cut. */
export interface ContextFact extends SyscallFact {
  readonly kind: 'state' | 'prefix'
  /** Output tokens that were delivered before the cut. */
  readonly outputTokens: number
}

/** Says that a provider refused a call, or asked for a pause. */
export interface LimitFact {
  readonly lane: string
  /** Whether it refused; it may ask for a pause beside an answer. */
  readonly refused: boolean
  /** Milliseconds for which it wants to hear nothing, if it said. */
  readonly retryAfterMs: number | undefined
  readonly at: number
}

/** Says that a core was found down, and calls wait for it. */
export interface TripFact {
  readonly lane: string
  /** Attempts in a row that found it down. */
  readonly failures: number
  /** Code of the last error. */
  readonly errorCode: string
  readonly at: number
}

/** Says that a core that was down answers again. */
export interface RecoveryFact {
  readonly lane: string
  /** Milliseconds for which calls were kept from it. */
  readonly downMs: number
  readonly at: number
}

/**
 * Maps every event to what it carries: past-tense facts, plain data, emitted after the state they tell of is in place.
 * Listeners run outside every caller's async context; one that throws is reported once as `listener:failed`.
 */
export interface KernelEvents {
  'process:spawned': ProcessFact
  'process:suspended': ProcessFact
  'process:resumed': ProcessFact
  'process:priority-changed': ProcessFact & { readonly priority: number }
  'process:killed': ProcessFact & { readonly reason: string }
  'process:exited': ProcessFact & { readonly outcome: string }
  'syscall:queued': SyscallFact
  'syscall:started': SyscallFact
  /** The slice, from 1, that was over, and the output tokens delivered by its end. */
  'syscall:preempted': SyscallFact & { readonly slice: number; readonly outputTokens: number }
  /** The attempt, from 1, that failed, the pause before the next in milliseconds, and the lane that it goes to: `lane`, or another. */
  'syscall:retried': SyscallFact & {
    readonly attempt: number
    readonly errorCode: string | undefined
    readonly delayMs: number
    readonly nextLane: string
  }
  'syscall:settled': SyscallRecord
  'lane:saturated': LaneFact
  'lane:drained': LaneFact
  'core:limited': LimitFact
  'core:tripped': TripFact
  'core:recovered': RecoveryFact
  'driver:abandoned': SyscallFact & { readonly device: string; readonly why: 'late-result' | 'slot-reclaimed' }
  'driver:failed': { readonly device: string; readonly message: string; readonly at: number }
  'access:denied': SyscallFact & { readonly message: string }
  /** Milliseconds that saving took. */
  'context:saved': ContextFact & { readonly ms: number }
  /** Tokens that the core has to work through again. */
  'context:restored': ContextFact & { readonly overheadTokens: number }
  'context:trimmed': TrimFact
  'message:sent': { readonly from: number; readonly to: number; readonly at: number }
  'listener:failed': { readonly event: string; readonly message: string; readonly at: number }
  'kernel:closed': { readonly at: number }
}

/** Names an event of the kernel. */
export type KernelEventName = keyof KernelEvents

/** Is an event as `kernel.events()` yields it. `dropped` counts the events lost before it because the reader was slow. */
export type KernelEvent = {
  [N in KernelEventName]: { readonly name: N; readonly data: KernelEvents[N]; readonly dropped: number }
}[KernelEventName]
