import { deepseek, novita, openAiCompatible, sglang, vllm } from '@aios/llm/openai-compatible'
import { chatGroundOf } from '../llm/openai/ground.js'
import { proveBackend } from './backend.js'

const apiKey = 'sk-conformance'
const CORES = {
  'deepseek()': (baseURL: string) => deepseek('test-1', { baseURL, apiKey }),
  "deepseek({ resume: 'prefix' })": (baseURL: string) => deepseek('test-1', { baseURL, apiKey, resume: 'prefix' }),
  'vllm()': (baseURL: string) => vllm('test-1', { baseURL }),
  'sglang()': (baseURL: string) => sglang('test-1', { baseURL }),
  'novita()': (baseURL: string) => novita('test-1', { baseURL, apiKey }),
  'openAiCompatible()': (baseURL: string) => openAiCompatible('test-1', { name: 'mine', baseURL }),
}

for (const [core, make] of Object.entries(CORES))
  proveBackend({ core, over: 'a server of our own' }, chatGroundOf(make))
