import type { ChatReply, ChatRequest, Usage } from './chat.js'
import type { Message } from './message.js'
import type { ToolOutcome } from './tool-driver.js'

/**
 * Is what `llm.callTool` takes: a conversation with tools. The model is asked, and every tool call of its answer is run, as a
 * `tool.call` of its own.
 */
export interface CallToolRequest extends ChatRequest {
  /**
   * How often the results are given back to the model, which then may answer or call more tools: 0 to 1,000. Default 0: the
   * results of its first answer are returned, for the caller to go on with.
   */
  readonly rounds?: number | undefined
}

/** Is the answer of `llm.callTool`. */
export interface CallToolReply {
  /** The last answer of the model. */
  readonly reply: ChatReply
  /** What became of every tool call, in the order in which the model asked for them. */
  readonly outcomes: readonly ToolOutcome[]
  /** What the conversation grew by: answers and results by turns. Append it to `messages` to go on. */
  readonly messages: readonly Message[]
  /** Tokens of all answers. */
  readonly usage: Usage
}
