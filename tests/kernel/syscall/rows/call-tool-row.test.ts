import { createTestKernel } from '@aios/kernel/testing'
import { scriptedCore, type ScriptedStep } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const ASK = { messages: [{ role: 'user', content: 'Add.' }], tools: ['add'] } as const
const usage = { input: 10, output: 2 }

const add = defineTool({
  name: 'add',
  description: 'Adds.',
  input: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => a + b,
})
const sum = (a: number, b: number) => ({ name: 'add', input: { a, b }, id: `sum-${a}-${b}` })

async function asking(steps: readonly ScriptedStep[]) {
  const core = scriptedCore(steps)
  const kernel = await createTestKernel({ llm: core, tools: tools([add]) })
  return { core, kernel, llm: kernel.sys().llm }
}

describe('llm.callTool', () => {
  it('asks once, runs every call, and returns what became of each', async () => {
    const { core, kernel, llm } = await asking([
      { text: 'Two sums.', toolCalls: [sum(1, 2), sum(3, 4), { name: 'gone', id: 'g' }], usage },
    ])
    const { reply, outcomes, messages } = await llm.callTool(ASK)
    expect(reply.text).toBe('Two sums.')
    expect(outcomes).toMatchObject([
      { id: 'sum-1-2', name: 'add', status: 'fulfilled', output: 3 },
      { id: 'sum-3-4', status: 'fulfilled', output: 7 },
      { id: 'g', status: 'rejected', error: { code: 'AIOS_NO_SUCH_TOOL' } },
    ])
    expect(messages.map(({ role }) => role)).toEqual(['assistant', 'tool'])
    expect(messages[1]?.content).toMatchObject([
      { type: 'tool-result', id: 'sum-1-2', name: 'add', output: 3 },
      { output: 7 },
      { id: 'g', name: 'gone', isError: true, output: expect.stringContaining('AIOS_NO_SUCH_TOOL: ') as unknown },
    ])
    expect(core.requests.length).toBe(1)
    await kernel.close()
  })

  it('gives the results back as often as is wanted, until the model answers', async () => {
    const { core, kernel, llm } = await asking([
      { toolCalls: [sum(1, 2)], usage },
      { toolCalls: [sum(3, 4)], usage },
      { text: 'Ten.', usage },
      'never asked',
    ])
    const answer = await llm.callTool({ ...ASK, rounds: 9 })
    expect(answer).toMatchObject({
      reply: { text: 'Ten.' },
      outcomes: [{ output: 3 }, { output: 7 }],
      usage: { input: { total: 30 }, output: { total: 6 } },
    })
    expect(answer.messages.map(({ role }) => role)).toEqual(['assistant', 'tool', 'assistant', 'tool', 'assistant'])
    expect(core.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5])
    await kernel.close()
  })

  it('stops after so many rounds, with the last results for the caller', async () => {
    const { core, kernel, llm } = await asking([{ toolCalls: [sum(1, 1)] }, { toolCalls: [sum(2, 2)] }, 'unasked'])
    const { reply, outcomes } = await llm.callTool({ ...ASK, rounds: 1 })
    expect([reply.finish.unified, outcomes.length, core.requests.length]).toEqual(['tool-calls', 2, 2])
    await kernel.close()
  })

  it('leaves a plain answer alone', async () => {
    const { kernel, llm } = await asking(['Hello.'])
    expect(await llm.callTool({ ...ASK, rounds: 3 })).toMatchObject({ reply: { text: 'Hello.' }, outcomes: [] })
    await kernel.close()
  })

  it('tells the model about arguments that are no JSON, instead of running the tool', async () => {
    const { core, kernel, llm } = await asking([
      { toolCalls: [{ name: 'add', id: 'x', inputText: '{"a":' }] },
      'I see.',
    ])
    const { outcomes } = await llm.callTool({ ...ASK, rounds: 1 })
    expect(outcomes).toMatchObject([{ status: 'rejected', error: { code: 'AIOS_INVALID_TOOL_INPUT' } }])
    expect(core.requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', content: [{ id: 'x', isError: true }] })
    await kernel.close()
  })

  it('holds no slot: a core for one call at a time serves its own steps', async () => {
    const core = scriptedCore([{ toolCalls: [sum(1, 2)] }, 'Three.'])
    const kernel = await createTestKernel({ llm: { ...core, limits: { concurrency: 1 } }, tools: tools([add]) })
    expect((await kernel.sys().llm.callTool({ ...ASK, rounds: 1 })).reply.text).toBe('Three.')
    await kernel.close()
  })

  it('refuses what is no conversation, and rounds without end', async () => {
    const { kernel } = await asking([])
    for (const request of [{ messages: [] }, { ...ASK, rounds: 1_001 }, { ...ASK, rounds: -1 }])
      await expect(kernel.sys().call('llm.callTool', request)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
    await kernel.close()
  })
})
