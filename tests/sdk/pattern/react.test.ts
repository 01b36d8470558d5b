import { AiosError } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { react, runReact } from '../../../packages/sdk/src/pattern/react.js'
import type { ReactStep } from '../../../packages/sdk/src/pattern/react-step.js'
import { fakeSys, reply, toolCall } from '../fake-sys.js'

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'fulfilled',
    (error: AiosError) => error.code,
  )

describe('react', () => {
  it('alternates thoughts, parallel actions and observations until the model answers', async () => {
    const sys = fakeSys({
      tools: ['local/add'],
      run: (_name, input) => {
        const { a, b } = input as { a: number; b: number }
        return a + b
      },
      replies: [
        reply('Two sums.', [toolCall('x', 'add', { a: 1, b: 2 }), toolCall('y', 'add', { a: 3, b: 4 })]),
        reply('3 and 7'),
      ],
    })
    await expect(react()(sys, 'Sums?')).resolves.toBe('3 and 7')
    expect(sys.calls.map(({ name }) => name)).toEqual(['tool.list', 'llm.chat', 'tool.callAll', 'llm.chat'])
    expect(sys.chats[1]?.messages.at(-1)?.content).toMatchObject([
      { id: 'x', output: 3 },
      { id: 'y', output: 7 },
    ])
  })

  it('offers all granted tools by default, else the named ones in full, each once', async () => {
    const tools = ['builtin/clock', 'local/add', 'local/clock']
    const offer = async (names?: readonly string[]) => {
      const sys = fakeSys({ tools, replies: [reply('ok')] })
      await react(names === undefined ? {} : { tools: names })(sys, 'Q')
      return sys.chats[0]?.tools
    }
    await expect(offer()).resolves.toEqual(tools)
    await expect(offer(['add', 'local/add', 'builtin/clock'])).resolves.toEqual(['local/add', 'builtin/clock'])
  })

  it('rejects names that are no tool or several, and says which there are', async () => {
    const run = (name: string) =>
      react({ tools: [name] })(fakeSys({ tools: ['a/clock', 'b/clock', 'b/add'], replies: [] }), 'Q') as Promise<string>
    await expect(run('sub')).rejects.toThrow('got "sub". Tools of this process: a/clock, b/clock, b/add.')
    await expect(run('clock')).rejects.toThrow('got "clock". Tools of this process: a/clock, b/clock.')
    await expect(codeOf(run('clock'))).resolves.toBe('AIOS_NO_SUCH_TOOL')
    const none = react({ tools: ['x'] })(fakeSys({ tools: [], replies: [] }), 'Q') as Promise<string>
    await expect(none).rejects.toThrow('Tools of this process: none.')
  })

  it('thinks without tools where the kernel has none or none are wanted, and sends no tool choice then', async () => {
    const bare = fakeSys({ replies: [reply('ok')] })
    await expect(react()(bare, 'Q')).resolves.toBe('ok')
    expect(bare.chats[0]).not.toHaveProperty('tools')
    expect(bare.chats[0]).not.toHaveProperty('toolChoice')
    const unwanted = fakeSys({ tools: ['local/add'], replies: [reply('ok')] })
    await react({ tools: [] })(unwanted, 'Q')
    expect(unwanted.calls.map(({ name }) => name)).toEqual(['llm.chat'])
    const wanted = react({ tools: ['add'] })(fakeSys({ replies: [] }), 'Q') as Promise<string>
    await expect(codeOf(wanted)).resolves.toBe('AIOS_NO_DEVICE')
  })

  it('passes instructions and model settings on, and nothing that was not set', async () => {
    const sys = fakeSys({ tools: ['local/add'], replies: [reply('ok'), reply('ok')] })
    await react({ instructions: 'Be brief.', model: 'small', temperature: 0, maxOutputTokens: 9 })(sys, 'Q')
    expect(sys.chats[0]).toMatchObject({ model: 'small', temperature: 0, maxOutputTokens: 9, toolChoice: 'auto' })
    expect(sys.chats[0]?.messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
    await react()(sys, 'Q')
    expect(Object.keys(sys.chats[1]!).sort()).toEqual(['messages', 'toolChoice', 'tools'])
    expect(sys.chats[1]?.messages[0]?.content).toContain('never guess')
  })

  it('asks once more without tools at the step limit', async () => {
    const more = reply('', [toolCall('a', 'add')])
    const sys = fakeSys({ tools: ['local/add'], replies: [more, more, reply('best guess')] })
    await expect(react({ maxSteps: 2 })(sys, 'Q')).resolves.toBe('best guess')
    expect(sys.chats.map(({ toolChoice }) => toolChoice)).toEqual(['auto', 'auto', 'none'])
  })

  it('stops after 20 steps by default', async () => {
    const replies = Array.from({ length: 20 }, () => reply('', [toolCall('a', 'add')]))
    const sys = fakeSys({ tools: ['local/add'], replies: [...replies, reply('enough')] })
    await expect(react()(sys, 'Q')).resolves.toBe('enough')
    expect(sys.chats).toHaveLength(21)
  })

  it('shows each step as it ends', async () => {
    const steps: ReactStep[] = []
    const sys = fakeSys({ tools: ['local/add'], replies: [reply('Hm.', [toolCall('a', 'add')]), reply('4')] })
    await react({ onStep: (step) => steps.push(step) })(sys, 'Q')
    expect(steps.map(({ number, thought, results }) => [number, thought, results.length])).toEqual([
      [1, 'Hm.', 1],
      [2, '4', 0],
    ])
  })

  it('ends with what onStep throws, and calls nothing after it', async () => {
    const sys = fakeSys({ tools: ['local/add'], replies: [reply('', [toolCall('a', 'add')])] })
    const onStep = () => {
      throw new Error('seen enough')
    }
    await expect(react({ onStep })(sys, 'Q')).rejects.toThrow('seen enough')
    expect(sys.chats).toHaveLength(1)
  })

  it.each(['AIOS_BUDGET_EXCEEDED', 'AIOS_DEADLINE_EXCEEDED', 'AIOS_LLM_SERVER'] as const)(
    'lets %s of the model out as it is',
    async (code) => {
      const error = new AiosError(code, 'No more.')
      const sys = fakeSys({ tools: ['local/add'], replies: [reply('', [toolCall('a', 'add')]), error] })
      await expect(react()(sys, 'Q')).rejects.toBe(error)
      expect(sys.calls.at(-1)?.name).toBe('llm.chat')
    },
  )

  it('lets the reason of an abort out untouched', async () => {
    const reason = new Error('changed my mind')
    await expect(react()(fakeSys({ replies: [reason] }), 'Q')).rejects.toBe(reason)
  })

  it('ends with AIOS_BUDGET_EXCEEDED when a tool ran into the budget, and asks no more', async () => {
    const run = () => {
      throw new AiosError('AIOS_BUDGET_EXCEEDED', 'No calls left.')
    }
    const sys = fakeSys({ tools: ['local/add'], run, replies: [reply('', [toolCall('a', 'add')])] })
    await expect(codeOf(react()(sys, 'Q') as Promise<string>)).resolves.toBe('AIOS_BUDGET_EXCEEDED')
    expect(sys.chats).toHaveLength(1)
  })

  it.each([
    [{ maxStep: 3 }, 'got "maxStep"'],
    [{ maxSteps: 0 }, 'a whole number from 1 for "maxSteps"'],
    [{ tools: 'add' }, 'Expected an array for "tools", got "add" in react().'],
    [{ temperature: 3 }, 'a number from 0 to 2 for "temperature"'],
    [{ onStep: true }, 'a function for "onStep"'],
  ])('rejects the options %j before it runs', (options, message) => {
    expect(() => react(options as never)).toThrow(message)
  })
})

describe('runReact', () => {
  it('appends lessons to the instructions and returns the conversation with the answer', async () => {
    const sys = fakeSys({ replies: [reply('4')] })
    const run = await runReact(sys, { question: 'Q', options: { instructions: 'A' }, lessons: ' and B' })
    expect(run.answer).toBe('4')
    expect(run.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant'])
    expect(run.messages[0]?.content).toBe('A and B')
  })
})

describe('react on a kernel', () => {
  const add = defineTool({
    name: 'add',
    description: 'Adds.',
    input: z.object({ a: z.number(), b: z.number() }),
    execute: ({ a, b }) => a + b,
  })
  const explode = defineTool({
    name: 'explode',
    description: 'Fails.',
    input: z.object({}),
    execute: () => {
      throw new Error('bang')
    },
  })
  const wait = defineTool({
    name: 'wait',
    description: 'Waits until it is told to stop.',
    input: z.object({}),
    execute: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true })
      }),
  })
  const boot = (steps: Parameters<typeof scriptedCore>[0]) => {
    const llm = scriptedCore(steps)
    return { llm, kernel: createTestKernel({ llm, tools: tools([add, explode, wait]) }) }
  }

  it('feeds results, failures, bad arguments and unknown tools of one answer back to the model', async () => {
    const { llm, kernel: booting } = boot([
      {
        toolCalls: [
          { id: '1', name: 'add', input: { a: 1, b: 2 } },
          { id: '2', name: 'explode' },
          { id: '3', name: 'add', input: { a: 'one' } },
          { id: '4', name: 'subtract' },
          { id: '5', name: 'add', inputText: '{"a":' },
        ],
      },
      'Three.',
    ])
    const kernel = await booting
    await expect(kernel.run(react(), '1 + 2?')).resolves.toBe('Three.')
    const results = llm.requests[1]?.messages.at(-1)?.content as readonly {
      id: string
      output: unknown
      isError?: true
    }[]
    expect(results.map(({ id, isError = false }) => [id, isError])).toEqual([
      ['1', false],
      ['2', true],
      ['3', true],
      ['4', true],
      ['5', true],
    ])
    expect(results[0]?.output).toBe(3)
    const said = ['AIOS_TOOL_FAILED', 'AIOS_INVALID_TOOL_INPUT', 'AIOS_NO_SUCH_TOOL', 'AIOS_INVALID_TOOL_INPUT']
    expect(results.slice(1).map(({ output }) => String(output).split(':')[0])).toEqual(said)
    await kernel.close()
  })

  it('is offered only what it was granted', async () => {
    const { llm, kernel: booting } = boot(['ok'])
    const kernel = await booting
    await kernel.run(react(), 'Q', { grants: { tools: ['local/add'] } })
    expect(llm.requests[0]?.tools?.map(({ name }) => name)).toEqual(['local/add'])
    await expect(
      kernel.run(react({ tools: ['explode'] }), 'Q', { grants: { tools: ['local/add'] } }),
    ).rejects.toMatchObject({
      code: 'AIOS_NO_SUCH_TOOL',
    })
    await kernel.close()
  })

  it('ends with AIOS_BUDGET_EXCEEDED when its calls are used up, in a thought or in an action, and leaves nothing running', async () => {
    for (const calls of [1, 2, 3]) {
      const { kernel: booting } = boot([{ toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] }, 'Three.'])
      const kernel = await booting
      await expect(kernel.run(react(), 'Q', { budget: { calls } })).rejects.toMatchObject({
        code: 'AIOS_BUDGET_EXCEEDED',
      })
      expect(kernel.stats()).toMatchObject({ outstanding: 0, processes: 0 })
      await kernel.close()
    }
  })

  it('ends with AIOS_BUDGET_EXCEEDED when its tokens are used up', async () => {
    const turn = { toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }], usage: { input: 400, output: 100 } }
    const { kernel: booting } = boot([turn, turn, turn, turn, turn, turn, turn, turn])
    const kernel = await booting
    const run = kernel.run(react({ maxOutputTokens: 100 }), 'Q', { budget: { tokens: 2_500 } })
    await expect(run).rejects.toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
    expect(kernel.stats().outstanding).toBe(0)
    await kernel.close()
  })

  it.each(['thought', 'action'])(
    'ends at its deadline and on abort during a %s, and leaves nothing running',
    async (during) => {
      const hanging = during === 'thought' ? [{ hang: true as const }] : [{ toolCalls: [{ name: 'wait' }] }]
      const { kernel: booting } = boot([...hanging, ...hanging])
      const kernel = await booting
      const late = expect(kernel.run(react(), 'Q', { deadlineMs: 1_000 })).rejects.toMatchObject({
        code: 'AIOS_DEADLINE_EXCEEDED',
      })
      await kernel.clock.advance(1_000)
      await late
      const abort = new AbortController()
      const reason = new Error('enough')
      const aborted = expect(kernel.run(react(), 'Q', { signal: abort.signal })).rejects.toBe(reason)
      await kernel.clock.settle()
      abort.abort(reason)
      await aborted
      await kernel.clock.settle()
      expect(kernel.stats()).toMatchObject({ outstanding: 0, processes: 0 })
      await kernel.close()
    },
  )
})
