import { createKernel, type AiosError, type LlmDriver, type StreamPart } from '@aios/kernel'
import { fakeDriverCall, fakeDriverServices, replayRun } from '@aios/kernel/testing'
import {
  fromFunction,
  hangs,
  scriptedCore,
  throws,
  withCassette,
  type CassetteCore,
  type CassetteOptions,
  type ScriptedStep,
} from '@aios/llm/testing'
import { createKernel as createSystem, defineTool, react } from '@aios/sdk'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'

let folder = ''
let file = ''

beforeEach(async () => {
  vi.stubEnv('CI', '')
  folder = await mkdtemp(join(tmpdir(), 'with-cassette-'))
  file = join(folder, 'calls.json')
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

/** A core that nothing may reach. */
const forbidden: LlmDriver = {
  ...fromFunction(() => Promise.reject(new Error('reached'))),
  open: () => Promise.reject(new Error('opened')),
}

async function opened(core: LlmDriver, options: CassetteOptions = {}): Promise<CassetteCore> {
  const cassette = withCassette(core, file, options)
  await cassette.open?.(fakeDriverServices())
  return cassette
}

/** Records what `use` does with a core of this script. */
async function recorded(
  steps: readonly ScriptedStep[],
  use: (core: CassetteCore) => Promise<unknown>,
  options: CassetteOptions = {},
): Promise<string> {
  const core = await opened(scriptedCore(steps), options)
  await use(core)
  await core.close?.()
  return readFile(file, 'utf8')
}

const chat = async (core: LlmDriver, content: string) => core.chat!(ask(content), fakeDriverCall())

async function streamed(core: LlmDriver, content: string): Promise<StreamPart[]> {
  const parts: StreamPart[] = []
  for await (const part of core.stream!(ask(content), fakeDriverCall())) parts.push(part)
  return parts
}

describe('withCassette()', () => {
  it('records a model once and replays it without, while tools run', async () => {
    let runs = 0
    const count = defineTool({
      name: 'count',
      description: 'Counts.',
      input: z.object({}),
      execute: () => (runs += 1) > 0 && 'counted',
    })
    const answer = async (llm: LlmDriver) => {
      const kernel = await createSystem({ llm, tools: [count] })
      try {
        return await kernel.run(react({ tools: ['count'] }), 'Count.')
      } finally {
        await kernel.close()
      }
    }
    const script = [{ toolCalls: [{ name: 'count' }] }, 'It is done.']
    expect(await answer(withCassette(scriptedCore(script), file))).toBe('It is done.')
    const core = withCassette(forbidden, file)
    expect(await answer(core)).toBe('It is done.')
    expect(core.isReplay).toBe(true)
    core.assertDone()
    expect(runs).toBe(2)
  })

  it('fails where a tool comes to something else, since the model is asked something else then', async () => {
    const answer = async (llm: LlmDriver, output: string) => {
      const tool = defineTool({ name: 'tell', description: 'Tells.', input: z.object({}), execute: () => output })
      const kernel = await createSystem({ llm, tools: [tool] })
      try {
        return await kernel.run(react({ tools: ['tell'] }), 'Tell.')
      } finally {
        await kernel.close()
      }
    }
    await answer(withCassette(scriptedCore([{ toolCalls: [{ name: 'tell' }] }, 'Four.']), file), 'four')
    await expect(answer(withCassette(forbidden, file), 'five')).rejects.toMatchObject({ code: 'AIOS_REPLAY_DIVERGED' })
  })

  it('replays whole and streamed answers, errors and vectors as they were', async () => {
    const error = throws('rate-limit', { retryAfterMs: 50, message: 'Slow down.' })
    const steps: ScriptedStep[] = [
      { text: 'one two', usage: { input: 3 } },
      { reasoning: 'Hm.', text: 'a b', toolCalls: [{ name: 'f', input: { x: 1 } }] },
      error,
      error,
    ]
    const seen: unknown[] = []
    const use = async (core: LlmDriver) => {
      const rejection = (promise: Promise<unknown>) =>
        promise.catch((error: unknown) => {
          const { code, message, retryAfterMs, retryable } = error as AiosError
          return { code, message, retryAfterMs, retryable }
        })
      seen.push([
        await chat(core, 'a'),
        await streamed(core, 'b'),
        await rejection(chat(core, 'c')),
        await rejection(streamed(core, 'd')),
      ])
    }
    await recorded(steps, use)
    await use(await opened(forbidden))
    expect(seen[1]).toEqual(seen[0])
    const embedding: LlmDriver = {
      kind: 'llm',
      id: 'e',
      model: 'e',
      embed: () => ({ vectors: [Float32Array.of(1, 0.5)], usage: { input: {}, output: {} } }),
    }
    const vectors = async (core: LlmDriver) => core.embed!({ input: ['a'] }, fakeDriverCall())
    const first = await opened(embedding, { mode: 'record' })
    const live = await vectors(first)
    await first.close?.()
    expect(await vectors(await opened(embedding, { mode: 'replay' }))).toEqual(live)
  })

  it('answers the same request in the order of its answers', async () => {
    await recorded(['first', 'other', 'second'], async (core) => {
      for (const content of ['a', 'b', 'a']) await chat(core, content)
    })
    const core = await opened(forbidden)
    const texts: unknown[] = []
    for (const content of ['b', 'a', 'a']) texts.push((await chat(core, content)).parts[0])
    expect(texts).toMatchObject([{ text: 'other' }, { text: 'first' }, { text: 'second' }])
  })

  it('says where a request differs from the nearest recorded one, and what was left', async () => {
    await recorded(['x', 'y'], async (core) => {
      await chat(core, 'What is 2 + 2?')
      await streamed(core, 'something else')
    })
    const core = await opened(forbidden)
    await expect(chat(core, 'What is 3 + 3?')).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringMatching(
        /nearest it holds is call 1: messages\[0\]\.content was "What is 2 \+ 2\?", now "What is 3 \+ 3\?"/,
      ) as string,
    })
    expect(core.remaining).toBe(2)
    expect(() => core.assertDone()).toThrow(/2 did not come: llm.chat \(call 1\), llm.stream \(call 2\)/)
    await chat(core, 'What is 2 + 2?')
    await expect(chat(core, 'What is 2 + 2?')).rejects.toThrow('it holds no further llm.chat')
  })

  it('tells a request that comes more often than it was recorded from one that differs', async () => {
    await recorded(['x', 'y', 'z'], async (core) => {
      for (const content of ['a', 'a', 'b']) await chat(core, content)
    })
    const core = await opened(forbidden)
    for (let n = 0; n < 2; n += 1) await chat(core, 'a')
    await expect(chat(core, 'a')).rejects.toMatchObject({
      code: 'AIOS_REPLAY_DIVERGED',
      message: expect.stringMatching(
        /got llm\.chat with a request all of whose recorded answers \(2\) were given before; it holds no further llm\.chat/,
      ) as string,
      details: { changes: [] },
    })
  })

  it('says how to record a file that must be there', async () => {
    vi.stubEnv('CI', 'true')
    const advice = 'found none. Record it once where the environment variable CI is not set'
    await expect(opened(forbidden)).rejects.toMatchObject({
      code: 'AIOS_NOT_FOUND',
      message: expect.stringContaining(advice) as string,
    })
  })

  it('replays an answer that was given up, to be given up again', async () => {
    const leave = async (core: LlmDriver) => {
      const parts = core.stream!(ask('a'), fakeDriverCall())[Symbol.asyncIterator]()
      const read = [await parts.next(), await parts.next(), await parts.next()]
      const pending = parts.next().catch((error: unknown) => error)
      await parts.return?.()
      await pending
      const controller = new AbortController()
      const whole = Promise.resolve(core.chat!(ask('b'), fakeDriverCall({ signal: controller.signal })))
      controller.abort(new Error('enough'))
      await expect(whole).rejects.toThrow('enough')
      return read
    }
    let first: unknown
    const written = await recorded([hangs({ text: 'one' }), hangs()], async (core) => {
      first = await leave(core)
    })
    expect(written.match(/"outcome": "cancelled"/g)).toHaveLength(2)
    const core = await opened(forbidden)
    expect(await leave(core)).toEqual(first)
    core.assertDone()
  })

  it('writes the same file for the same answers, in the format of recordRun, without keys', async () => {
    const use = (core: CassetteCore) => chat(core, 'My key is sk-abcdefghijklmnopqrstuvwxyz123456.')
    const first = await recorded(['Noted.'], use, { mode: 'record' })
    expect(await recorded(['Noted.'], use, { mode: 'record' })).toBe(first)
    expect(first).not.toContain('abcdefghijklmnop')
    expect(JSON.parse(first)).toMatchObject({
      format: 'aios-cassette',
      version: 1,
      name: 'scripted',
      lines: [{ call: '1', row: 'llm.chat' }],
    })
    await chat(await opened(forbidden), 'My key is sk-abcdefghijklmnopqrstuvwxyz123456.')
    // It holds no run: an agent that is held against it makes calls that it does not know.
    const agent = async (sys: { clock: { now(): Promise<number> } }) => sys.clock.now()
    await expect(replayRun({ file, agent })).rejects.toMatchObject({ code: 'AIOS_REPLAY_DIVERGED' })
  })

  it('takes out of texts what differs each time', async () => {
    const scrub = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\d/g, 'DATE')
    await recorded(['So.'], (core) => chat(core, 'Today is 2026-01-02.'), { scrub })
    expect(await readFile(file, 'utf8')).toContain('Today is DATE.')
    expect(await chat(await opened(forbidden, { scrub }), 'Today is 2026-03-04.')).toMatchObject({
      parts: [{ text: 'So.' }],
    })
  })

  it('is never recorded in CI, and never replayed where it is to be recorded', async () => {
    vi.stubEnv('CI', 'true')
    await expect(opened(scriptedCore(['a']))).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    expect((await opened(scriptedCore(['a']), { mode: 'record' })).isReplay).toBe(false)
    vi.stubEnv('CI', 'false')
    expect((await opened(scriptedCore(['a']))).isReplay).toBe(false)
    await expect(opened(scriptedCore(['a']), { mode: 'replay' })).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await recorded(['a'], (core) => chat(core, 'q'))
    expect((await opened(scriptedCore(['a']), { mode: 'record' })).isReplay).toBe(false)
  })

  it('tells of a damaged file', async () => {
    await writeFile(file, '{')
    await expect(opened(forbidden)).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('keeps what describes the core, and wants to be opened', async () => {
    const core = withCassette(scriptedCore([], { contextWindow: 7, limits: { rpm: 3 } }), file)
    expect(core).toMatchObject({
      id: 'scripted',
      model: 'scripted',
      contextWindow: 7,
      limits: { rpm: 3 },
      isReplay: undefined,
      remaining: 0,
    })
    await expect(chat(core, 'a')).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    expect(() => withCassette(scriptedCore([]), '')).toThrow(/withCassette/)
    expect(() => withCassette(scriptedCore([]), file, { mod: 'auto' } as never)).toThrow(/mod/)
    await core.close?.()
  })

  it('writes when the kernel closes, also what had failed', async () => {
    const core = withCassette(scriptedCore([throws('bad-request')]), file)
    const kernel = await createKernel({ llm: core })
    await expect(kernel.sys().llm.chat(ask('a'))).rejects.toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
    await kernel.close()
    expect(await readFile(file, 'utf8')).toContain('AIOS_LLM_BAD_REQUEST')
  })
})
