/** Tools for testing agents without a provider, and the suite that proves an LLM core. */
export { scriptedCore, type ScriptedCore, type ScriptedOptions } from './scripted-core.js'
export type {
  ScriptedAnswer, ScriptedBeginning, ScriptedFault, ScriptedFunction, ScriptedHang, ScriptedReply, ScriptedStep,
  ScriptedTiming, ScriptedToolCall, ScriptedUsage,
} from './scripted-step.js'
export { withCassette, type CassetteCore, type CassetteOptions } from './cassette/with-cassette.js'
export { exerciseTools, type ExerciseOptions } from './exercise/exercise-tools.js'
export { fromFunction } from './mock/from-function.js'
export {
  anyUser, hasTool, hasToolResult, lastUser, nthRequest, system, type RequestMatcher, type TextPattern,
} from './mock/matcher.js'
export { mockModel, type MockModel, type MockRule, type RequestMatch } from './mock/mock-model.js'
export { calls, hangs, says, throws, type FailureKind, type ThrowsOptions } from './mock/steps.js'
export { forbidNetwork, type NetworkGuard, type NetworkOptions } from './network/forbid-network.js'
export { serveOpenAi, type OpenAiServer, type ServeOptions } from './server/serve-open-ai.js'
export type { CallSelector, RequestPattern } from './trace/call-selector.js'
export { expectTrace, type CallExpectation, type TraceExpectation } from './trace/expect-trace.js'
export type { TraceSource } from './trace/trace.js'
export { cutAfter, dropUsage, duplicateEvents, garbageJson, stall, type Fault } from './wrap/fault.js'
export {
  at, everyN, sometimes, withFaults, type FaultLike, type FaultyCore, type InjectedFault, type ScheduledFault,
} from './wrap/with-faults.js'
export { lognormal, withLatency, type LatencyDraw, type LatencyOptions } from './wrap/with-latency.js'
export { tokenEngine, type TokenEngine, type TokenEngineOptions } from './token-engine.js'
export { llmConformance } from './llm-conformance.js'
export type {
  LlmAbility, LlmGround, LlmScenario, LlmScenarioFailure, LlmScenarioUsage, LlmStage,
} from './llm-ground.js'
export { tinyModel, type TinyModelOptions } from './tiny-model/tiny-model.js'
