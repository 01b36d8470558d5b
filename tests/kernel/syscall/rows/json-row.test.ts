import { createKernel, ramRecords, replay, type CoreRequest, type Kernel, type Sys } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import { scriptedCore, type ScriptedStep } from '@aios/llm/testing'
import { jsonSchema } from '@aios/tools'
import { type } from 'arktype'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const POINT = z.object({ x: z.number(), y: z.number().default(0) })
const ASK = { messages: [{ role: 'user', content: 'Where?' }] } as const

const kernels: Kernel[] = []
afterEach(async () => {
  for (const kernel of kernels.splice(0)) await kernel.close()
})

async function asking(steps: readonly ScriptedStep[], capabilities?: { readonly schema: boolean }) {
  const core = scriptedCore(steps)
  const kernel = await createTestKernel({ llm: capabilities === undefined ? core : { ...core, capabilities } })
  kernels.push(kernel)
  return { core, kernel, llm: kernel.sys().llm }
}
const lastOf = (request: CoreRequest | undefined) => request?.messages.at(-1)

describe('llm.json', () => {
  it('returns what the schema makes of the answer, and sends it as JSON Schema', async () => {
    const { core, llm } = await asking([{ json: { x: 3 }, usage: { input: 5, output: 2 } }])
    const reply = await llm.json({ ...ASK, schema: POINT, name: 'point' })
    expect(reply).toMatchObject({
      value: { x: 3, y: 0 },
      attempts: [{ text: '{"x":3}' }],
      usage: { input: { total: 5 }, output: { total: 2 } },
      reply: { finish: { unified: 'stop' } },
    })
    const value: { x: number; y: number } = reply.value
    expect(value.y).toBe(0)
    expect(core.requests[0]?.responseFormat).toMatchObject({
      type: 'json',
      name: 'point',
      schema: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] },
    })
  })

  it('takes schemas of any library that tells its JSON Schema', async () => {
    const { llm } = await asking([{ json: { n: 1 } }, { json: { n: 2 } }])
    expect((await llm.json({ ...ASK, schema: type({ n: 'number' }) })).value).toEqual({ n: 1 })
    const plain = jsonSchema<{ n: number }>({ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] })
    expect((await llm.json({ ...ASK, schema: plain })).value).toEqual({ n: 2 })
  })

  it.each([
    ['a code fence', 'Here you are:\n```json\n{"x":1}\n```\nDone.'],
    ['words around it', 'The point is {"x":1}, I think.'],
    ['space around it', '\n {"x":1}\n'],
  ])('finds the JSON in spite of %s', async (_what, text) => {
    const { llm } = await asking([text])
    expect((await llm.json({ ...ASK, schema: POINT })).value).toEqual({ x: 1, y: 0 })
  })

  it('tells the model what was wrong, shows its attempts, and counts the tokens of all', async () => {
    const usage = { input: 10, output: 4 }
    const { core, llm } = await asking([
      { text: 'I would rather not.', usage },
      { json: { x: 'three' }, usage },
      { json: { x: 3 }, usage },
    ])
    const { value, attempts, usage: used } = await llm.json({ ...ASK, schema: POINT })
    expect(value).toEqual({ x: 3, y: 0 })
    expect(attempts).toEqual([
      { text: 'I would rather not.', problem: expect.stringContaining('It is no JSON') as unknown },
      { text: '{"x":"three"}', problem: expect.stringMatching(/^x: .*number/) as unknown },
      { text: '{"x":3}' },
    ])
    expect(used).toMatchObject({ input: { total: 30 }, output: { total: 12 } })
    expect(core.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 5])
    expect(lastOf(core.requests[2])?.content).toContain('x: ')
  })

  it('does not count what one of the answers did not report', async () => {
    const { llm } = await asking(['nonsense', { json: { x: 1 }, usage: { input: 3, output: 4 } }])
    const { usage } = await llm.json({ ...ASK, schema: POINT })
    expect(usage).toEqual({ input: {}, output: {} })
  })

  it('gives up after so many repairs, with every attempt in the error', async () => {
    const { core, llm } = await asking(['a', 'b', 'c', 'd'])
    await expect(llm.json({ ...ASK, schema: POINT, repairs: 1 })).rejects.toMatchObject({
      code: 'AIOS_LLM_INVALID_OUTPUT',
      message: expect.stringContaining('got none in 2 attempts') as unknown,
      details: { attempts: [{ text: 'a' }, { text: 'b' }] },
    })
    expect(core.requests.length).toBe(2)
    await expect(llm.json({ ...ASK, schema: POINT, repairs: 0 })).rejects.toMatchObject({
      message: expect.stringContaining('got none in 1 attempt.') as unknown,
    })
  })

  it('takes an answer that was cut for wrong, even if what is there is JSON', async () => {
    const { llm } = await asking([{ json: { x: 1 }, finish: 'length' }, { json: { x: 2 } }])
    expect(await llm.json({ ...ASK, schema: POINT })).toMatchObject({
      value: { x: 2 },
      attempts: [{ problem: 'It was cut, as it was too long.' }, {}],
    })
  })

  it.each([
    ['throws', z.object({ x: z.number().refine((x) => x > (null as unknown as { least: number }).least) })],
    ['rejects', { '~standard': { ...POINT['~standard'], validate: () => Promise.reject(new TypeError('No least.')) } }],
  ])('says so of a schema that %s instead of telling what is wrong', async (_what, schema) => {
    const { core, kernel, llm } = await asking([{ json: { x: 1 } }, { json: { x: 2 } }])
    const failed: unknown[] = []
    kernel.on('driver:failed', (event) => failed.push(event))
    await expect(llm.json({ ...ASK, schema })).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringMatching(/^Expected the schema of llm\.json to tell .*but it threw: .*least/i) as unknown,
      cause: expect.any(TypeError) as unknown,
    })
    expect(core.requests.length).toBe(1)
    expect(failed).toEqual([])
  })

  it('does not argue with a refusal', async () => {
    const { core, llm } = await asking([{ text: 'No.', finish: 'content-filter' }, { json: { x: 1 } }])
    await expect(llm.json({ ...ASK, schema: POINT })).rejects.toMatchObject({ code: 'AIOS_LLM_CONTENT_FILTER' })
    expect(core.requests.length).toBe(1)
  })

  it('describes the schema in the conversation only to a core that has no mode for it', async () => {
    const without = await asking([{ json: { x: 1 } }], { schema: false })
    await without.llm.json({ ...ASK, schema: POINT })
    expect(lastOf(without.core.requests[0])).toMatchObject({
      role: 'system',
      content: expect.stringContaining('"properties":{"x"') as unknown,
    })
    const having = await asking([{ json: { x: 1 } }], { schema: true })
    await having.llm.json({ ...ASK, schema: POINT })
    expect(having.core.requests[0]?.messages).toEqual(ASK.messages)
  })

  it.each([
    ['no schema', { ...ASK }, 'Expected a Standard Schema'],
    ['a plain JSON Schema', { ...ASK, schema: { type: 'object' } }, 'Expected a Standard Schema'],
    [
      'a schema that does not tell',
      { ...ASK, schema: v.object({ n: v.number() }) },
      'got one of valibot that does not',
    ],
    ['a type without JSON form', { ...ASK, schema: z.object({ on: z.date() }) }, 'that JSON can express'],
    ['too many repairs', { ...ASK, schema: POINT, repairs: 9 }, 'a whole number from 0 to 8'],
    ['tools', { ...ASK, schema: POINT, tools: [] }, '"tools"'],
  ])('refuses %s', async (_what, request, message) => {
    const { core, kernel } = await asking([{ json: { x: 1 } }])
    await expect(kernel.sys().call('llm.json', request)).rejects.toMatchObject({
      code: 'AIOS_INVALID_SYSCALL',
      message: expect.stringContaining(message) as unknown,
    })
    expect(core.requests.length).toBe(0)
  })

  it('is in the journal as plain data, and replays without a core', async () => {
    const records = ramRecords()
    await records.open()
    const kernel = await createKernel({ llm: scriptedCore(['oops', { json: { x: 1 } }]), records, journal: true })
    const agent = async (sys: Sys) => (await sys.llm.json({ ...ASK, schema: POINT })).value
    expect(await kernel.run(agent, undefined, { runId: 'where' })).toEqual({ x: 1, y: 0 })
    const journal = await kernel.readRun('where')
    await kernel.close()
    expect(await replay(journal, agent)).toMatchObject({ outcome: 'fulfilled', value: { x: 1, y: 0 } })
    await records.close()
  })
})
