import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, vi } from 'vitest'
import { THINKING_TEMPLATE, tinyFolder } from '@aios/ground-huggingface'
import type { CoreRequest, LlmDriver } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { huggingface, type HuggingfaceCore } from '@aios/llm/huggingface'
import type { LlmGround, LlmScenario } from '@aios/llm/testing'
import { saying } from '../llm/huggingface/tiny-core.js'
import { proveBackend } from './backend.js'

// The engine computes for real, on a machine that may have other work.
vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'aios-hf-'))
let core: HuggingfaceCore
let scenario: LlmScenario = {}

/** Writes what a scenario wants as the model would write it. */
function said({ reasoning, tokens = [], toolCalls = [] }: LlmScenario): string {
  const thought = reasoning === undefined ? '' : `<think>${reasoning}</think>`
  const calls = toolCalls.map(({ name, inputText }) => {
    const whole = `<tool_call>\n{"name": "${name.replace('/', '_')}", "arguments": ${inputText}`
    return inputText.endsWith('}') ? `${whole}}\n</tool_call>` : whole
  })
  return thought + tokens.join('') + calls.join('\n')
}

function wanted(): string | undefined {
  // Left alone, the model goes on for as long as there is room.
  return scenario.ending === 'hang' ? undefined : said(scenario)
}

beforeAll(async () => {
  tinyFolder(join(folder, 'tiny'), { chatTemplate: THINKING_TEMPLATE })
  core = huggingface(join(folder, 'tiny'), { device: 'cpu', threads: 1, logits: saying(wanted) })
  await core.open?.(fakeDriverServices(virtualClock()))
}, 60_000)
afterAll(async () => {
  await core.close?.()
  rmSync(folder, { recursive: true, force: true })
})

/** The same engine in every case; it stops for length where it says all in as many tokens as it may. */
function staged(): LlmDriver {
  const { id, model, resume, backend, capabilities } = core
  const most = (request: CoreRequest): CoreRequest =>
    scenario.finish === 'length' ? { ...request, maxOutputTokens: Buffer.byteLength(said(scenario)) } : request
  return {
    ...{ kind: 'llm', id, model, resume, backend, capabilities },
    stream: (request, call) => core.stream!(most(request), call),
    save: (call) => core.save!(call),
    restore: (state, request, call) => core.restore!(state, request, call),
  }
}

const ground: LlmGround = {
  cannot: ['silent-usage', 'detailed-usage', 'cut', 'drop', 'resume-prefix'],
  async stage(played) {
    scenario = played
    const before = core.evaluatedTokens
    return Promise.resolve({
      driver: staged(),
      requests: () => (core.evaluatedTokens === before ? 0 : 1),
      received: () => Promise.resolve(),
      // The only place is free when another answer can have it.
      released: async () => {
        const parts = core.stream!(
          { messages: [{ role: 'user', content: 'Still there?' }], maxOutputTokens: 1 },
          fakeDriverCall(),
        )
        for await (const part of parts) if (part.type === 'finish') return
      },
      close: () => Promise.resolve(),
    })
  },
}

const CODES = ['AUTH', 'PERMISSION', 'NOT_FOUND', 'BAD_REQUEST', 'CONTEXT_OVERFLOW', 'CONTENT_FILTER', 'RATE_LIMIT']
const failures = [...CODES, 'OVERLOADED', 'SERVER'].map((code) => [
  `the provider's error becomes AIOS_LLM_${code}, before any part`,
  'there is no provider: the model runs in this process',
])

proveBackend(
  {
    core: 'huggingface',
    over: 'a tiny model that is told what to say',
    because: {
      'silent-usage': 'tokens are always counted',
      'detailed-usage': 'no part of a prompt is cached between calls',
      cut: 'there is no connection that could end',
      drop: 'there is no connection that could be lost',
      'resume-prefix': 'goes on from its state',
    },
    beyond: {
      ...Object.fromEntries(failures),
      'reported usage is passed on': 'usage is counted, never reported',
      'an answer that ended for content-filter says so': 'a local model has no such filter',
      'closing twice is closing once': 'one engine serves all cases; tests/llm/huggingface closes it twice',
    },
  },
  ground,
)
