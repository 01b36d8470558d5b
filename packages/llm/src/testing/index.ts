/** Tools for testing agents without a provider, and the suite that proves an LLM core. */
export { scriptedCore, type ScriptedCore, type ScriptedOptions } from './scripted-core.js'
export type {
  ScriptedAnswer,
  ScriptedBeginning,
  ScriptedFault,
  ScriptedFunction,
  ScriptedHang,
  ScriptedReply,
  ScriptedStep,
  ScriptedTiming,
  ScriptedToolCall,
  ScriptedUsage,
} from './scripted-step.js'
export { tokenEngine, type TokenEngine, type TokenEngineOptions } from './token-engine.js'
export { llmConformance } from './llm-conformance.js'
export type {
  LlmAbility,
  LlmGround,
  LlmScenario,
  LlmScenarioFailure,
  LlmScenarioUsage,
  LlmStage,
} from './llm-ground.js'
export { tinyModel, type TinyModelOptions } from './tiny-model/tiny-model.js'
