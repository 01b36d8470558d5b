/** Everything most programs need: a kernel with defaults, agents, patterns and tools. */
export { AiosError, defineSyscall, ramRecords } from '@aios/kernel'
export type {
  Agent,
  AgentProcess,
  Budget,
  ChatReply,
  ChatRequest,
  ChatStream,
  ErrorCode,
  Grants,
  Kernel,
  KernelEvent,
  KernelStats,
  LlmDriver,
  MemoryHit,
  MemoryNote,
  Message,
  MessagePart,
  Priority,
  ProcessInfo,
  SpawnOptions,
  StreamPart,
  Sys,
  SyscallHook,
  SyscallOptions,
  SyscallRecord,
  ToolOutcome,
} from '@aios/kernel'
export { embeddedMemory } from '@aios/memory'
export { embeddedStorage } from '@aios/storage'
export { calculator, clock, defineTool, fileTools, memoryTools, tools, type Tool, type ToolContext } from '@aios/tools'
export { react, type ReactOptions } from './pattern/react.js'
export type { ReactStep } from './pattern/react-step.js'
export { reflexion, type Attempted, type ReflexionOptions, type ReflexionResult } from './pattern/reflexion.js'
export type { ReflexionAttempt, Verdict } from './pattern/reflexion-step.js'
export { createKernel, type CreateKernelOptions } from './preset/create-kernel.js'
