import type { CoreRequest, CoreWarning } from '@aios/kernel'
import type { ChatModelFunctions, LlamaText } from 'node-llama-cpp'
import type { Prompt } from '../local/local-engine.js'
import { requestToolNames } from '../tool-call/request-tools.js'
import { toolNameMap, type ToolNameMap } from '../tool-call/tool-name-map.js'
import { chatHistory } from './chat-history.js'
import type { Engine } from './engine.js'
import { grammarSchema } from './grammar-schema.js'

function offeredTools(request: CoreRequest, names: ToolNameMap): ChatModelFunctions | undefined {
  const { tools = [], toolChoice } = request
  if (tools.length === 0 || toolChoice === 'none') return undefined
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      names.toWire(name),
      { description, params: grammarSchema(inputSchema) },
    ]),
  ) as ChatModelFunctions
}

/** Is what a model reads of a request, and what was left out of it. */
export interface WarnedPrompt extends Prompt {
  readonly warnings: readonly CoreWarning[]
}

/** Writes a request as the model's chat template has it, tools included, in tokens. */
export function renderPrompt(engine: Engine, request: CoreRequest): WarnedPrompt {
  const warnings: CoreWarning[] = []
  const names = toolNameMap(requestToolNames(request))
  const tools = offeredTools(request, names)
  const state = engine.wrapper.generateContextState({
    chatHistory: chatHistory(request, names, warnings),
    ...(tools === undefined ? {} : { availableFunctions: tools, documentFunctionParams: true }),
  })
  const { noPrefixTrigger } = state
  // Templates of several channels want to be told which one comes: the one that the reader of the answer sees.
  const rest: LlamaText[] = noPrefixTrigger?.type === 'response' ? [noPrefixTrigger.inject] : []
  const text = engine.sdk.LlamaText([state.contextText, ...rest])
  const stops = state.stopGenerationTriggers.map((trigger) => engine.shown(trigger)).filter((stop) => stop !== '')
  return {
    tokens: text.tokenize(engine.model.tokenizer, 'trimLeadingSpace'),
    stops: [...new Set(stops)],
    names,
    hasTools: tools !== undefined,
    warnings,
  }
}
