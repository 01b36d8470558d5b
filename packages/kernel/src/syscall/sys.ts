import type { ChatReply, ChatRequest, ChatStream } from '../driver/chat.js'
import type { EmbedReply, EmbedRequest } from '../driver/embed.js'
import type {
  MemoryAddRequest,
  MemoryHit,
  MemoryIdRequest,
  MemoryNote,
  MemoryRetrieveRequest,
  MemoryUpdateRequest,
} from '../driver/memory-driver.js'
import type {
  StorageEncoding,
  StorageEntry,
  StorageFile,
  StorageListRequest,
  StorageReadRequest,
  StorageRemoveRequest,
  StorageStatRequest,
  StorageWriteRequest,
} from '../driver/storage-driver.js'
import type { JsonReply, JsonRequest } from '../driver/structured.js'
import type { CallToolReply, CallToolRequest } from '../driver/tool-step.js'
import type {
  ToolCallAllRequest,
  ToolCallRequest,
  ToolInfo,
  ToolListRequest,
  ToolOutcome,
  ToolReply,
} from '../driver/tool-driver.js'
import type { Agent, Priority, SpawnOptions } from '../process/agent.js'

/** Is what every syscall takes after its request. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface SyscallOptions {
  /** Cancels the call: it then rejects with `signal.reason`, untouched. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from now after which the call rejects with `AIOS_DEADLINE_EXCEEDED`. */
  readonly deadlineMs?: number | undefined
  /** 0 to 7, 7 first. Default: the priority of the process. */
  readonly priority?: Priority | undefined
  /**
   * Makes this call and all others of the same tenant, memory namespace and syscall with the same key one: 1 to 256 characters.
   * The first runs. Those that come meanwhile get its outcome; if it is given up, the first of them runs anew. Those that come
   * later get a copy of what it resolved with, from the kernel's record store, as long as `limits.idempotencyMs` and
   * `limits.idempotencyKeys` keep it; what rejected runs again. The same key with another request rejects with
   * `AIOS_IDEMPOTENCY_CONFLICT`. A result that cannot be copied is kept in RAM only. Kernels that share a store agree on the
   * result that was recorded first, but two of them may run the call at the same time. Streams, `agent.spawn` and what only
   * waits take no key: `AIOS_UNSUPPORTED`.
   */
  readonly idempotencyKey?: string | undefined
}

/** The `llm` family. */
export interface LlmSyscalls {
  /** Asks a model and waits for the whole answer. */
  chat(request: ChatRequest, options?: SyscallOptions): Promise<ChatReply>
  /** Asks a model and streams the answer. The call is queued at once, before the first pull. */
  stream(request: ChatRequest, options?: SyscallOptions): ChatStream
  /** Makes a vector of each text. */
  embed(request: EmbedRequest, options?: SyscallOptions): Promise<EmbedReply>
  /**
   * Asks a model for a value that passes a schema, telling it what was wrong until it does. Rejects with
   * `AIOS_LLM_INVALID_OUTPUT` when the repairs are used up. Holds no slot itself.
   */
  json<T>(request: JsonRequest<T>, options?: SyscallOptions): Promise<JsonReply<T>>
  /** Asks a model and runs the tools it calls, each as a `tool.call`. Holds no slot itself. */
  callTool(request: CallToolRequest, options?: SyscallOptions): Promise<CallToolReply>
}

/** The `memory` family. */
export interface MemorySyscalls {
  /** Stores a note and returns it with its id. */
  add(request: MemoryAddRequest, options?: SyscallOptions): Promise<MemoryNote>
  /** Returns one note. Rejects with `AIOS_NOT_FOUND` for an unknown id. */
  get(request: MemoryIdRequest, options?: SyscallOptions): Promise<MemoryNote>
  /** Changes the given fields of a note and returns it. */
  update(request: MemoryUpdateRequest, options?: SyscallOptions): Promise<MemoryNote>
  /** Removes a note and returns what it was. */
  remove(request: MemoryIdRequest, options?: SyscallOptions): Promise<MemoryNote>
  /** Returns the notes that match a query best, best first. */
  retrieve(request: MemoryRetrieveRequest, options?: SyscallOptions): Promise<readonly MemoryHit[]>
}

/** The `storage` family. */
export interface StorageSyscalls {
  /** Replaces or creates a file, atomically. */
  write(request: StorageWriteRequest, options?: SyscallOptions): Promise<StorageEntry>
  /** Reads a file as text, or as bytes with `encoding: 'bytes'`. */
  read<E extends StorageEncoding = 'utf8'>(
    request: StorageReadRequest<E>,
    options?: SyscallOptions,
  ): Promise<StorageFile<E>>
  /** Lists a directory, sorted by path. */
  list(request?: StorageListRequest, options?: SyscallOptions): Promise<readonly StorageEntry[]>
  /** Describes a file or directory. */
  stat(request: StorageStatRequest, options?: SyscallOptions): Promise<StorageEntry>
  /** Removes a file or directory and returns what it was. */
  remove(request: StorageRemoveRequest, options?: SyscallOptions): Promise<StorageEntry>
}

/** The `tool` family. */
export interface ToolSyscalls {
  /** Runs a tool. Rejects with `AIOS_NO_SUCH_TOOL`, `AIOS_INVALID_TOOL_INPUT`, `AIOS_TOOL_FAILED`, `AIOS_TOOL_TIMEOUT`, … */
  call(request: ToolCallRequest, options?: SyscallOptions): Promise<ToolReply>
  /** Runs every call and resolves with what became of each, in order. Holds no slot itself. */
  callAll(request: ToolCallAllRequest, options?: SyscallOptions): Promise<readonly ToolOutcome[]>
  /** Lists the tools that the caller may use. */
  list(request?: ToolListRequest, options?: SyscallOptions): Promise<readonly ToolInfo[]>
}

/** Is what `agent.spawn` takes. */
export interface AgentSpawnRequest<I = unknown, O = unknown> extends SpawnOptions {
  readonly agent: Agent<I, O>
  readonly input?: I | undefined
}

/** Is what `agent.spawn` returns: plain data, so that it can be sent and stored. */
export interface SpawnedAgent {
  readonly pid: number
  readonly name: string
}

/** Is what `agent.send` takes. The message is copied by the structured clone algorithm. */
export interface AgentSendRequest {
  /** Pid of the receiver. */
  readonly to: number
  readonly message: unknown
}

/** Is what `agent.receive` takes. */
export interface AgentReceiveRequest {
  /** Only messages of this sender; others stay in the mailbox. */
  readonly from?: number | undefined
}

/** Is a received message. */
export interface ReceivedMessage {
  /** Pid of the sender. */
  readonly from: number
  readonly message: unknown
  readonly sentAt: number
}

/** Is what `agent.wait` takes. */
export interface AgentWaitRequest {
  readonly pid: number
}

/** The `agent` family. */
export interface AgentSyscalls {
  /** Starts a child process. */
  spawn<I, O>(request: AgentSpawnRequest<I, O>, options?: SyscallOptions): Promise<SpawnedAgent>
  /** Puts a message into the mailbox of a process. */
  send(request: AgentSendRequest, options?: SyscallOptions): Promise<void>
  /** Takes the oldest message, or waits for one. */
  receive(request?: AgentReceiveRequest, options?: SyscallOptions): Promise<ReceivedMessage>
  /** Waits until a process ends and returns its result. Rejects with `AIOS_AGENT_FAILED` (cause kept) if it threw. */
  wait(request: AgentWaitRequest, options?: SyscallOptions): Promise<unknown>
}

/** Is what a syscall takes that needs to be told nothing. */
export type EmptyRequest = Readonly<Record<string, never>>

/** Is what `clock.sleep` takes: how many milliseconds, or until which millisecond since the epoch; 0 to 8,640,000,000,000,000. */
export type ClockSleepRequest =
  { readonly ms: number; readonly until?: undefined } | { readonly until: number; readonly ms?: undefined }

/** The `clock` family: the time as a run saw it, also when the run is gone through again. Takes nothing from a budget of calls. */
export interface ClockSyscalls {
  /** Returns the time in milliseconds since the epoch, with fractions. */
  now(request?: EmptyRequest, options?: SyscallOptions): Promise<number>
  /**
   * Resolves when the time has passed: at once if it has already, and in a suspended process once that is resumed. In a
   * journalled run it goes on after a restart for what is left of it.
   */
  sleep(request: ClockSleepRequest, options?: SyscallOptions): Promise<void>
}

/** Is what `random.int` takes: the least and the greatest number, both included; safe integers. */
export interface RandomIntRequest {
  readonly min: number
  readonly max: number
}

/** Is what `random.bytes` takes. */
export interface RandomBytesRequest {
  /** How many, 1 to 65,536. */
  readonly length: number
}

/**
 * The `random` family: chance from the kernel's `random` port, the same again when a run is gone through again. Takes nothing
 * from a budget of calls.
 */
export interface RandomSyscalls {
  /** Returns a number from 0 to below 1. */
  next(request?: EmptyRequest, options?: SyscallOptions): Promise<number>
  /** Returns a whole number from `min` to `max`, each equally likely. */
  int(request: RandomIntRequest, options?: SyscallOptions): Promise<number>
  /** Returns a UUID of version 4. */
  uuid(request?: EmptyRequest, options?: SyscallOptions): Promise<string>
  /** Returns random bytes. */
  bytes(request: RandomBytesRequest, options?: SyscallOptions): Promise<Uint8Array>
}

/**
 * Holds the families of all syscalls. Third parties add theirs by declaration merging, next to `defineSyscall`.
 *
 * @example
 * ```ts
 * declare module '@aios/kernel' {
 *   interface SyscallFamilies {
 *     weather: { today(request: { readonly place: string }): Promise<{ readonly celsius: number }> }
 *   }
 * }
 * ```
 */
export interface SyscallFamilies {
  readonly llm: LlmSyscalls
  readonly memory: MemorySyscalls
  readonly storage: StorageSyscalls
  readonly tool: ToolSyscalls
  readonly agent: AgentSyscalls
  readonly clock: ClockSyscalls
  readonly random: RandomSyscalls
}

/** Is the system-call interface of one process: everything an agent can ask of the kernel. */
export interface Sys extends Readonly<SyscallFamilies> {
  /** Pid of the process that calls through it. */
  readonly pid: number
  /** Aborts when the process ends. Pass it to anything that is not a syscall. */
  readonly signal: AbortSignal
  /** Calls a row by name; the door for servers. Rejects with `AIOS_UNKNOWN_SYSCALL`, listing the nearest names. */
  call(name: string, request?: unknown, options?: SyscallOptions): Promise<unknown>
}
