import { groq } from '@aios/llm/groq'
import { chatGroundOf } from '../llm/openai/ground.js'
import { proveBackend } from './backend.js'

const ground = chatGroundOf((baseURL) => groq('test-1', { baseURL, apiKey: 'gsk-conformance' }))

proveBackend({ core: 'groq()', over: 'a server of our own' }, ground)
