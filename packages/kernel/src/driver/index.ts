/**
 * The contracts between the kernel and its devices. A driver is an object that implements one of the `…Driver`
 * interfaces; hand it to `createKernel` and prove it with the conformance suite of its package's `/testing`.
 */
export type {
  Attempt, CallMeta, CallToolReply, CallToolRequest, ChatReply, ChatRequest, ChatRequirement, ChatStream,
  CoreCapabilities, CoreEmbedReply, CoreEmbedRequest, CoreOutcome, CorePrice, CoreReply, CoreRequest, CoreWarning, EmbedReply,
  EmbedRequest, Finish, FinishReason, JsonAttempt, JsonReply, JsonRequest, LlmChoice, LlmCoreView, LlmDriver,
  LlmRouter, ResponseFormat, Resume, StreamPart, ToolChoice, ToolSpec, Usage,
} from './public-llm.js'
export type {
  CoreLimits, DeviceLimits, DriverBase, DriverCall, DriverServices,
} from './device-driver.js'
export type {
  InNamespace, MemoryAddRequest, MemoryDriver, MemoryHit, MemoryIdRequest, MemoryNote, MemoryRetrieveRequest,
  MemoryUpdateRequest, NoteFields, Scoped,
} from './memory-driver.js'
export type {
  StorageDriver, StorageEncoding, StorageEntry, StorageFile, StorageListRequest, StorageReadRequest,
  StorageRemoveRequest, StorageStatRequest, StorageWriteRequest,
} from './storage-driver.js'
export type {
  IdentifiedToolCall, PreparedToolCall, ToolCallAllRequest, ToolCallRequest, ToolDriver, ToolFailure, ToolInfo,
  ToolListRequest, ToolOutcome, ToolReply,
} from './tool-driver.js'
export type {
  CustomPart, FilePart, JsonSchema, JsonValue, Message, MessagePart, Opaque, Pinnable, ProviderBag, ReasoningPart, Role,
  SourcePart, TextPart, ToolCallPart, ToolResultPart,
} from './message.js'
export { messageParts, messageText } from './message.js'
export {
  RECORD_BOUNDS, type Durability, type RecordChange, type RecordCondition, type RecordRange, type RecordSize,
  type RecordStore, type RecordWatch, type RecordWrite, type StoredRecord,
} from '../record/record-store.js'
export { ChangeFeeds } from '../record/change-feed.js'
export { checkedIteration } from '../record/checked-iteration.js'
export { decodeRecords } from '../record/decode-records.js'
export { encodeRecords } from '../record/encode-records.js'
export type { ExportedRecord } from '../record/export-format.js'
export { importRecords } from '../record/import-records.js'
export { OpenCount, type OpenCountOptions } from '../record/open-count.js'
export { keyText, recordArguments } from '../record/record-arguments.js'
export { recordFailure, type RecordFault } from '../record/record-failure.js'
export type { BatchItem, BatchRow } from '../scheduler/batch/batch-row.js'
export { AiosError, type AiosErrorOptions } from '../error/aios-error.js'
export type { ErrorCode } from '../error/error-codes.js'
export { inputBound } from '../syscall/chat/estimate.js'
export { describe as describeValue } from '../error/describe.js'
export { checkOptions, option, type OptionField } from '../option/check-options.js'
export type { BreakerOptions } from '../limiter/breaker.js'
export type { RateLimits } from '../limiter/rate-limits.js'
export { Limiter } from '../limiter/limiter.js'
export type { RateSignal } from '../limiter/rate-signal.js'
export type { Logger } from '../lifetime/logger.js'
export { derivedJsonSchema, plainJsonSchema } from '../syscall/derived-json-schema.js'
export type { Sys } from '../syscall/sys.js'
export type { Clock, TimerHandle } from '../time/clock.js'
export { systemClock } from '../time/system-clock.js'
