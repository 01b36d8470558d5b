/** What somebody writes who tests an agent, with nothing of a test runner in it. */
import { virtualClock } from '@aios/kernel/testing'
import {
  at,
  exerciseTools,
  expectTrace,
  forbidNetwork,
  fromFunction,
  hasToolResult,
  lastUser,
  mockModel,
  scriptedCore,
  serveOpenAi,
  withCassette,
  withFaults,
  withLatency,
} from '@aios/llm/testing'
import { createKernel, defineTool, react, type LlmDriver } from '@aios/sdk'
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const weather = defineTool({
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  input: z.object({ city: z.string().min(1) }),
  execute: ({ city }) => `${city}: 21 degrees`,
})

async function run(llm: LlmDriver): Promise<string> {
  const kernel = await createKernel({ llm, tools: [weather], journal: true })
  try {
    const process = kernel.spawn(react({ tools: ['get_weather'] }), 'How is the weather in Paris?')
    const answer = await process.result
    expectTrace(await kernel.readRun(process.runId))
      .called('tool:get_weather')
      .times(1)
      .after('llm.chat')
    return answer
  } finally {
    await kernel.close()
  }
}

const script = () => scriptedCore([{ toolCalls: [{ name: 'get_weather', input: { city: 'Paris' } }] }, 'It is warm.'])

async function recordsOnce(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'runners-'))
  const file = join(folder, 'weather.json')
  assert.equal(await run(withCassette(script(), file, { mode: 'record' })), 'It is warm.')
  assert.equal(await run(withCassette(scriptedCore([]), file, { mode: 'replay' })), 'It is warm.')
  await rm(folder, { recursive: true })
}

async function servesOthers(): Promise<void> {
  const server = await serveOpenAi(fromFunction(({ messages }) => `${messages.length} message`))
  const body = JSON.stringify({ model: 'any', messages: [{ role: 'user', content: 'Hello' }] })
  const response = await fetch(`${server.baseURL}/chat/completions`, { method: 'POST', body })
  const { choices } = (await response.json()) as { choices: readonly { message: { content: string } }[] }
  assert.equal(choices[0]?.message.content, '1 message')
  await server.close()
}

async function forbids(): Promise<void> {
  const guard = forbidNetwork()
  await assert.rejects(fetch('https://example.com'), { code: 'AIOS_NETWORK_FORBIDDEN' })
  guard.restore()
}

async function takesTime(): Promise<void> {
  const clock = virtualClock()
  const kernel = await createKernel({ llm: withLatency(scriptedCore(['Late.']), { ttftMs: 600_000 }), clock })
  const answer = kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hello' }] })
  await clock.advance(600_000)
  assert.equal((await answer).meta.executionMs, 600_000)
  await kernel.close()
}

/** Every case by its name. */
export const SAMPLE_CASES: Readonly<Record<string, () => Promise<void>>> = {
  'an agent calls its tool and answers by rules': async () => {
    const model = mockModel()
      .on(lastUser(/weather/))
      .callsTool('get_weather', { city: 'Paris' })
      .on(hasToolResult('get_weather', /21/))
      .says('It is warm.')
    assert.equal(await run(model), 'It is warm.')
    model.assertDone()
  },
  'its tools bear whatever their schemas allow': async () => {
    assert.match(await run(exerciseTools({ seed: 3 })), /21 degrees/)
  },
  'it fails where the model does': async () => {
    const faulty = withFaults(script(), [at(1, 'bad-request')])
    await assert.rejects(run(faulty), { code: 'AIOS_LLM_BAD_REQUEST' })
  },
  'what was recorded once needs no model': recordsOnce,
  'other programs are served': servesOthers,
  'the network is forbidden': forbids,
  'ten minutes pass at once': takesTime,
}
