/** The kernel of AIOS for TypeScript: typed syscalls through a scheduler's queues, inside one process. */
export type { Grants, StorageGrant } from './access/grants.js'
export {
  contextWindow, dropToolOutput, fitContext, pageOut, prune, summarise, type ContextStep, type ContextView,
  type ContextWindowOptions, type DropToolOutputOptions, type FitContextOptions, type FittedContext, type PageOutOptions,
  type StepResult, type SummariseOptions, type TokenCount, type TokenSource, type TrimmedStep,
} from './context/public-context.js'
export type {
  Attempt, CallMeta, CallToolReply, CallToolRequest, ChatReply, ChatRequest, ChatRequirement, ChatStream, CoreCapabilities,
  CoreOutcome, CoreReply, CoreRequest, CoreWarning, CorePrice, CustomPart, DeviceLimits, DriverBase, DriverCall, DriverServices, Durability, EmbedReply, EmbedRequest, FilePart, Finish, FinishReason, IdentifiedToolCall, InNamespace,
  JsonAttempt, JsonReply, JsonRequest, JsonSchema, JsonValue, LlmChoice, LlmCoreView, LlmDriver, LlmRouter, MemoryAddRequest, MemoryDriver, MemoryHit, MemoryIdRequest,
  MemoryNote, MemoryRetrieveRequest, MemoryUpdateRequest, Message, MessagePart, NoteFields, Opaque, Pinnable,
  PreparedToolCall, ProviderBag, ReasoningPart, RecordChange, RecordCondition, RecordRange,
  RecordSize, RecordStore, RecordWatch, RecordWrite, ResponseFormat, Resume, Role, Scoped, SourcePart,
  StorageDriver, StorageEncoding, StorageEntry, StorageFile, StorageListRequest, StorageReadRequest,
  StorageRemoveRequest, StorageStatRequest, StorageWriteRequest, StoredRecord, StreamPart, TextPart, ToolCallAllRequest, ToolCallPart,
  ToolCallRequest, ToolChoice, ToolDriver, ToolFailure, ToolInfo, ToolListRequest, ToolOutcome, ToolReply,
  ToolResultPart, ToolSpec, Usage,
} from './driver/index.js'
export { AiosError, messageParts, messageText, type AiosErrorOptions } from './driver/index.js'
export { ERROR_CODES, type BuiltinErrorCode, type ErrorCode, type ErrorCodeRegistry } from './error/error-codes.js'
export type {
  ContextFact, KernelEvent, KernelEventName, KernelEvents, LaneFact, ProcessFact, SyscallFact, TrimFact,
} from './event/kernel-events.js'
export type { DurationStats, KernelStats, LaneStats, RowStats } from './event/kernel-stats.js'
export {
  diffRuns, fork, listRuns, readRun, replay, type Captured, type ForkOptions, type ForkPatch, type JournalEntry,
  type JournalledCall, type JournalOptions, type Recovered, type RecoverOptions, type Redaction, type Replayed,
  type ReplayOptions, type RunDifference, type RunHeader, type RunJournal, type RunState, type SkippedCall, type Undone,
  type UndoneCall, type UndoOptions, type UnknownAnswer, type UnknownCall, type UnrecoveredRun, type ValueChange, type WaitingCall,
} from './journal/public-journal.js'
export { createKernel } from './kernel.js'
export type { DeviceDriver, Devices, Kernel } from './kernel-api.js'
export type { CloseOptions, EventsOptions, KernelOptions, ReadyOptions } from './kernel-options.js'
export type { Logger, LogOption } from './lifetime/logger.js'
export { DEFAULT_LIMITS, type KernelLimits } from './limits.js'
export type {
  Agent, AgentProcess, Budget, CallInfo, Priority, ProcessInfo, ProcessState, ProcessUsage, SpawnOptions,
} from './process/agent.js'
export {
  criticalPath, deadline, fairShare, fifo, hybrid, leastAttained, pQueueClass, predictedShortest, priority, roundRobin,
  type AgeingOptions, type AttainedOptions, type FifoOptions, type PQueueAddOptions, type PQueueQueue, type PQueueRun, type ServiceOptions,
} from './scheduler/policies/public-policies.js'
export type {
  LaneInfo, PolicyDefinition, SchedulingPolicy, Service, Slice, Task, TaskOwner, TaskTree, Tenant,
} from './scheduler/policy.js'
export type { ProcessLimits } from './limiter/process-limits.js'
export { ramRecords } from './record/ram-records.js'
export type { TenantOptions } from './process/tenant-table.js'
export { defineSyscall, type SyscallDefinition } from './syscall/define-syscall.js'
export type { HookCall, SyscallHook, SyscallMatch } from './syscall/hook.js'
export type { StandardIssue, StandardResult, StandardSchema } from './syscall/standard-schema.js'
export type {
  AgentReceiveRequest, AgentSendRequest, AgentSpawnRequest, AgentSyscalls, AgentWaitRequest, ClockSleepRequest, ClockSyscalls,
  EmptyRequest, LlmSyscalls, MemorySyscalls, RandomBytesRequest, RandomIntRequest, RandomSyscalls, ReceivedMessage,
  SpawnedAgent, StorageSyscalls, Sys, SyscallFamilies, SyscallOptions, ToolSyscalls,
} from './syscall/sys.js'
export type { SyscallRecord } from './syscall/syscall-record.js'
export type { Clock, TimerHandle } from './time/clock.js'
