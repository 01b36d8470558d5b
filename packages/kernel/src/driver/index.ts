/**
 * The contracts between the kernel and its devices. A driver is an object that implements one of the `…Driver`
 * interfaces; hand it to `createKernel` and prove it with the conformance suite of its package's `/testing`.
 */
export type * from './chat.js'
export type * from './device-driver.js'
export type * from './llm-driver.js'
export type * from './memory-driver.js'
export type * from './storage-driver.js'
export type * from './tool-driver.js'
export type {
  CustomPart, FilePart, JsonSchema, JsonValue, Message, MessagePart, Opaque, ProviderBag, ReasoningPart, Role, SourcePart,
  TextPart, ToolCallPart, ToolResultPart,
} from './message.js'
export { messageParts, messageText } from './message.js'
export { AiosError } from '../error/aios-error.js'
