import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createKernel, roundRobin, type CoreRequest, type Kernel, type Message } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'
import { openai } from '@aios/llm/openai'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'
import { ask, heard, textOf } from './ground.js'

interface Body {
  readonly messages: readonly Message[]
  readonly max_tokens?: number
  readonly continue_final_message?: boolean
  readonly stream_options?: { readonly continuous_usage_stats?: boolean }
}

const open: (Server | Kernel)[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) {
    if ('run' in each) await each.close()
    else
      await new Promise((resolve) => {
        each.close(resolve)
        each.closeAllConnections()
      })
  }
})

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as Body
}

/** Serves an engine as chat completions over loopback, one event a token. */
async function serve(engine: TokenEngine): Promise<{ baseURL: string; asked: Body[] }> {
  const asked: Body[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request)
      asked.push(body)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const say = (data: unknown): void => void response.write(`data: ${JSON.stringify(data)}\n\n`)
      let written = 0
      const asks: CoreRequest = { messages: body.messages, maxOutputTokens: body.max_tokens }
      for await (const part of engine.stream?.(asks, fakeDriverCall()) ?? []) {
        if (response.destroyed) return
        if (part.type === 'text-delta') {
          written += 1
          const usage =
            body.stream_options?.continuous_usage_stats === true ? { usage: { completion_tokens: written } } : {}
          say({ choices: [{ index: 0, delta: { content: part.text } }], ...usage })
        }
        if (part.type === 'finish') {
          say({ choices: [{ index: 0, delta: {}, finish_reason: part.finish.unified }] })
          say({
            choices: [],
            usage: { prompt_tokens: part.usage.input.total, completion_tokens: part.usage.output.total },
          })
        }
        await new Promise(setImmediate)
      }
      response.end('data: [DONE]\n\n')
    })()
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { baseURL: `http://127.0.0.1:${port}/v1`, asked }
}

describe('a streaming server that goes on from text, through the SDK', () => {
  it('serves several agents in turns over one slot, and every text is as it would have been', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 120 })
    const { baseURL, asked } = await serve(engine)
    const core = openai('engine', { baseURL, resume: 'prefix', limits: { concurrency: 1 } })
    const kernel = await createKernel({ llm: core, policies: { llm: roundRobin({ quantumTokens: 24 }) } })
    open.push(kernel)
    const questions = ['Tell me of the kernel.', 'Tell me of the queue.', 'Tell me of the slot.'].map(
      (content, index) => ({
        ...ask(content),
        maxOutputTokens: 100 + index,
      }),
    )
    const streams = questions.map((question, index) =>
      heard(kernel.sys({ name: `agent ${index}` }).llm.stream(question)),
    )
    const texts = (await Promise.all(streams)).map(textOf)
    expect(texts).toEqual(questions.map((question) => engine.answerTo(question)))
    const continued = asked.filter((body) => body.continue_final_message === true)
    expect(continued.length).toBeGreaterThanOrEqual(6)
    expect(continued.every(({ messages }) => messages.at(-1)?.role === 'assistant')).toBe(true)
  })

  it('goes on with a process that was suspended in the middle of its answer', async () => {
    const engine = tokenEngine({ resume: 'prefix', tokens: 200 })
    const { baseURL, asked } = await serve(engine)
    const kernel = await createKernel({ llm: openai('engine', { baseURL, resume: 'prefix' }) })
    open.push(kernel)
    const question = ask('Tell me of the kernel.')
    let read = ''
    let seen = (): void => undefined
    const begun = new Promise<void>((resolve) => (seen = resolve))
    const process = kernel.spawn(async (sys) => {
      for await (const part of sys.llm.stream(question)) {
        if (part.type === 'text-delta') read += part.text
        if (read.length > 100) seen()
      }
      return read
    }, undefined)
    await begun
    const saved = new Promise<void>((resolve) =>
      kernel.on('context:saved', () => {
        resolve()
      }),
    )
    process.suspend()
    await saved
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
    process.resume()
    expect(await process.result).toBe(engine.answerTo(question))
    expect(asked).toHaveLength(2)
  })
})
