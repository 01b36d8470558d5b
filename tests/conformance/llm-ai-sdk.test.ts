import { AI_SDK_GROUNDS } from '../llm/ai-sdk/ground.js'
import { proveBackend } from './backend.js'

for (const { spec, ground } of AI_SDK_GROUNDS)
  proveBackend({ core: 'fromAiSdk()', over: `a model of specification ${spec}` }, ground)
