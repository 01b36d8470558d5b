/** What the `llm` family says to callers and to cores. */
export type {
  Attempt,
  CallMeta,
  ChatReply,
  ChatRequest,
  ChatRequirement,
  ChatStream,
  CoreReply,
  CoreRequest,
  CoreWarning,
  Finish,
  FinishReason,
  LlmChoice,
  ResponseFormat,
  StreamPart,
  ToolChoice,
  ToolSpec,
  Usage,
} from './chat.js'
export type { CoreEmbedReply, CoreEmbedRequest, EmbedReply, EmbedRequest } from './embed.js'
export type { JsonAttempt, JsonReply, JsonRequest } from './structured.js'
export type { CallToolReply, CallToolRequest } from './tool-step.js'
export type { CoreCapabilities, CorePrice, LlmDriver, Resume } from './llm-driver.js'
export type { CoreOutcome, LlmCoreView, LlmRouter } from './llm-router.js'
