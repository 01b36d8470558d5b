/** The kernel of AIOS for TypeScript: typed syscalls through a scheduler's queues, inside one process. */
export type { Grants, StorageGrant } from './access/grants.js'
export {
  contextWindow, dropToolOutput, fitContext, pageOut, prune, summarise, type ContextStep, type ContextView,
  type ContextWindowOptions, type DropToolOutputOptions, type FitContextOptions, type FittedContext, type PageOutOptions,
  type StepResult, type SummariseOptions, type TokenCount, type TokenSource, type TrimmedStep,
} from './context/public-context.js'
export type {
  Attempt, CallMeta, ChatReply, ChatRequest, ChatStream, CoreReply, CoreRequest, CoreWarning, Finish, FinishReason,
  ResponseFormat, StreamPart, ToolChoice, ToolSpec, Usage,
} from './driver/chat.js'
export type { DeviceLimits, DriverBase, DriverCall, DriverServices } from './driver/device-driver.js'
export type { CorePrice, LlmCoreView, LlmDriver, LlmRouter, Resume } from './driver/llm-driver.js'
export type {
  Durability, IdentifiedToolCall, InNamespace, MemoryAddRequest, MemoryDriver, MemoryHit, MemoryIdRequest, MemoryNote,
  MemoryRetrieveRequest, MemoryUpdateRequest, NoteFields, PreparedToolCall, RecordChange, RecordCondition, RecordRange,
  RecordSize, RecordStore, RecordWatch, RecordWrite, Scoped, StorageDriver, StorageEncoding, StorageEntry, StorageFile,
  StorageListRequest, StorageReadRequest, StorageRemoveRequest, StorageStatRequest, StorageWriteRequest, StoredRecord,
  ToolCallAllRequest, ToolCallRequest, ToolDriver, ToolFailure, ToolInfo, ToolListRequest, ToolOutcome, ToolReply,
} from './driver/index.js'
export type {
  CustomPart, FilePart, JsonSchema, JsonValue, Message, MessagePart, Opaque, Pinnable, ProviderBag, ReasoningPart, Role,
  SourcePart, TextPart, ToolCallPart, ToolResultPart,
} from './driver/message.js'
export { messageParts, messageText } from './driver/message.js'
export { AiosError, type AiosErrorOptions } from './error/aios-error.js'
export { ERROR_CODES, type BuiltinErrorCode, type ErrorCode, type ErrorCodeRegistry } from './error/error-codes.js'
export type {
  ContextFact, KernelEvent, KernelEventName, KernelEvents, LaneFact, ProcessFact, SyscallFact, TrimFact,
} from './event/kernel-events.js'
export type { DurationStats, KernelStats, LaneStats, RowStats } from './event/kernel-stats.js'
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
  AgentReceiveRequest, AgentSendRequest, AgentSpawnRequest, AgentSyscalls, AgentWaitRequest, LlmSyscalls,
  MemorySyscalls, ReceivedMessage, SpawnedAgent, StorageSyscalls, Sys, SyscallFamilies, SyscallOptions, ToolSyscalls,
} from './syscall/sys.js'
export type { SyscallRecord } from './syscall/syscall-record.js'
export type { Clock, TimerHandle } from './time/clock.js'
