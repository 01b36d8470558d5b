import { AiosError } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { embeddedMemory } from '@aios/memory'
import { expect, it } from 'vitest'
import { reflexion } from '../../../packages/sdk/src/pattern/reflexion.js'
import type { Attempted } from '../../../packages/sdk/src/pattern/reflexion.js'
import { fakeSys, reply } from '../fake-sys.js'

const isSorted = (_sys: unknown, { answer }: Attempted) =>
  answer === 'a b' ? { ok: true } : { ok: false, feedback: 'Not sorted.' }

it('fails, reflects into the memory and succeeds with the lesson in its instructions', async () => {
  const sys = fakeSys({ replies: [reply('b a'), reply('Compare first.'), reply('a b')] })
  const result = await reflexion({ evaluate: isSorted, attempt: { instructions: 'Sort.' } })(sys, 'b a')
  expect(result).toEqual({
    answer: 'a b',
    accepted: true,
    attempts: [
      { answer: 'b a', verdict: { ok: false, feedback: 'Not sorted.' }, lesson: 'Compare first.' },
      { answer: 'a b', verdict: { ok: true } },
    ],
  })
  expect(sys.calls.find(({ name }) => name === 'memory.add')?.request).toEqual({
    content: 'Task: b a\nLesson: Compare first.',
    tags: ['reflection'],
  })
  expect(sys.chats[0]?.messages[0]?.content).toBe('Sort.')
  expect(sys.chats[2]?.messages[0]?.content).toContain('Compare first.')
})

it('starts a later task with the lessons of an earlier one', async () => {
  const sys = fakeSys({ replies: [reply('b a'), reply('Compare first.'), reply('a b'), reply('a b')] })
  const agent = reflexion({ evaluate: isSorted })
  await agent(sys, 'b a')
  await agent(sys, 'b a')
  expect(sys.chats[3]?.messages[0]?.content).toContain('Compare first.')
})

it('returns the last answer as not accepted when the attempts run out', async () => {
  const sys = fakeSys({ replies: [reply('1'), reply('r'), reply('2'), reply('r'), reply('3')] })
  const result = await reflexion({ evaluate: isSorted })(sys, 'x')
  expect(result).toMatchObject({ answer: '3', accepted: false })
  expect(result.attempts).toHaveLength(3)
  const once = await reflexion({ evaluate: isSorted, maxAttempts: 1 })(fakeSys({ replies: [reply('1')] }), 'x')
  expect(once).toMatchObject({ answer: '1', accepted: false })
})

it('uses the model settings of the attempts for the reflections too', async () => {
  const sys = fakeSys({ replies: [reply('1'), reply('r'), reply('a b')] })
  await reflexion({ evaluate: isSorted, attempt: { model: 'm', temperature: 1, maxOutputTokens: 5 } })(sys, 'x')
  expect(sys.chats[1]).toMatchObject({ model: 'm', temperature: 1, maxOutputTokens: 5 })
})

it('gives the evaluator the system calls, the task and the number of the attempt', async () => {
  const seen: unknown[] = []
  const sys = fakeSys({ replies: [reply('1'), reply('r'), reply('2')] })
  const evaluate = async (given: unknown, attempted: Attempted) => {
    seen.push(given === sys, attempted)
    return { ok: attempted.attempt === 2 }
  }
  await reflexion({ evaluate })(sys, 'x')
  expect(seen).toEqual([true, { input: 'x', answer: '1', attempt: 1 }, true, { input: 'x', answer: '2', attempt: 2 }])
})

it('ends with what the evaluator throws, and with AIOS_INVALID_OPTION if it judges nothing', async () => {
  const broken = new Error('no test data')
  const throwing = reflexion({
    evaluate: () => {
      throw broken
    },
  })
  await expect(throwing(fakeSys({ replies: [reply('1')] }), 'x')).rejects.toBe(broken)
  const silent = reflexion({ evaluate: (() => undefined) as never })
  await expect(silent(fakeSys({ replies: [reply('1')] }), 'x')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
})

it('lets a spent budget out typed', async () => {
  const spent = new AiosError('AIOS_BUDGET_EXCEEDED', 'No tokens left.')
  const sys = fakeSys({ replies: [reply('1'), spent] })
  await expect(reflexion({ evaluate: isSorted })(sys, 'x')).rejects.toBe(spent)
})

it.each([
  [{}, 'a function for "evaluate", got undefined in reflexion().'],
  [{ evaluate: isSorted, maxAttempts: 0 }, 'a whole number from 1 for "maxAttempts"'],
  [{ evaluate: isSorted, attempts: 2 }, 'got "attempts"'],
  [{ evaluate: isSorted, attempt: { steps: 1 } }, 'got "steps" in "attempt" of reflexion().'],
])('rejects the options %j before it runs', (options, message) => {
  expect(() => reflexion(options as never)).toThrow(message)
})

it('keeps its lessons in the memory of its namespace, where the next run finds them and nobody else', async () => {
  const llm = scriptedCore(['b a', 'Compare before you swap.', 'a b', 'a b', 'a b'])
  const kernel = await createTestKernel({ llm, memory: embeddedMemory() })
  const agent = reflexion({ evaluate: isSorted })
  await kernel.sys({ name: 'sorter' }).memory.add({ content: 'Sort: b a is no lesson', tags: ['note'] })
  await expect(kernel.run(agent, 'Sort: b a', { name: 'sorter' })).resolves.toMatchObject({
    accepted: true,
    answer: 'a b',
  })
  await kernel.run(agent, 'Sort: b a', { name: 'sorter' })
  await kernel.run(agent, 'Sort: b a', { name: 'other' })
  const instructions = llm.requests.map(({ messages }) => JSON.stringify(messages[0]?.content))
  const knows = instructions.map((text) => text.includes('Compare before you swap.'))
  expect(knows).toEqual([false, false, true, true, false])
  expect(instructions.join()).not.toContain('is no lesson')
  await kernel.close()
})

it('ends with AIOS_NO_DEVICE where the kernel has no memory', async () => {
  const kernel = await createTestKernel({ llm: scriptedCore(['b a']) })
  await expect(kernel.run(reflexion({ evaluate: isSorted }), 'x')).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  await kernel.close()
})
