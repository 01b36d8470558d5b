/** Replays what vendors really sent through real provider packages, and looks at what comes out. */
import { compatible2, compatible3, compatible4, createAnthropic, createAnthropic4 } from '@aios/ground-ai-sdk'
import type { LlmDriver, StreamPart, Usage } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { fromAiSdk } from '@aios/llm/ai-sdk'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { needsData } from '../../setup/needs.js'
import { streamed, textOf } from '../core/asking.js'
import { providerPool, sse } from '../core/provider.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

type Make = (baseURL: string) => LlmDriver
const own = { name: 'test', apiKey: 'k' }
const COMPATIBLE: readonly Make[] = [
  (baseURL) => fromAiSdk(compatible2({ ...own, baseURL })('m')),
  (baseURL) => fromAiSdk(compatible3({ ...own, baseURL })('m')),
  (baseURL) => fromAiSdk(compatible4({ ...own, baseURL })('m')),
]
const ANTHROPIC: readonly Make[] = [
  (baseURL) => fromAiSdk(createAnthropic({ apiKey: 'k', baseURL })('m')),
  (baseURL) => fromAiSdk(createAnthropic4({ apiKey: 'k', baseURL })('m')),
]

async function replayed(lines: readonly string[], make: Make, ending: readonly string[]): Promise<StreamPart[]> {
  const { baseURL } = await provided((response) => {
    sse(response, lines, ending)
  })
  const driver = make(baseURL)
  await driver.open?.(fakeDriverServices())
  return streamed(driver)
}

function expectAddsUp({ input, output }: Usage, file: string): void {
  if (input.noCache !== undefined)
    expect(input.noCache + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0), file).toBe(input.total)
  if (output.text !== undefined) expect(output.text + (output.reasoning ?? 0), file).toBe(output.total)
}

async function recordings(dir: string): Promise<[file: string, lines: string[]][]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.chunks.txt')).sort()
  return Promise.all(
    names.map(async (name): Promise<[string, string[]]> => {
      const text = await readFile(join(dir, name), 'utf8')
      return [name, text.split('\n').filter((line) => line.trim() !== '')]
    }),
  )
}

/** Reads the text of a recording as dumbly as possible. */
const said = (lines: readonly string[], pick: (event: Record<string, never>) => unknown): string =>
  lines
    .map((line) => pick(JSON.parse(line) as Record<string, never>))
    .filter((text) => typeof text === 'string')
    .join('')

interface Shape {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[]
  readonly delta?: { readonly text?: string } | string
  readonly type?: string
}
const chatText = (event: Shape) => event.choices?.[0]?.delta?.content
const messageText = ({ delta }: Shape) => (typeof delta === 'object' ? delta.text : undefined)

async function expectWhole(
  dir: string,
  makes: readonly Make[],
  {
    pick,
    isFit,
    ending,
  }: { pick: (event: Shape) => unknown; isFit: (text: string) => boolean; ending: readonly string[] },
): Promise<number> {
  let count = 0
  for (const [file, lines] of await recordings(dir)) {
    if (!isFit(lines.join('\n'))) continue
    count += 1
    for (const make of makes) {
      const parts = await replayed(lines, make, ending)
      const finish = parts.at(-1)
      expect(finish?.type, file).toBe('finish')
      expect(textOf(parts), file).toBe(said(lines, pick))
      if (finish?.type === 'finish') expectAddsUp(finish.usage, file)
    }
  }
  return count
}

needsData('wire/deepseek', 'what DeepSeek sent comes through three packages without a loss', async (dir) => {
  const isFit = (text: string) => text.includes('"choices"')
  expect(await expectWhole(dir, COMPATIBLE, { pick: chatText, isFit, ending: ['[DONE]'] })).toBe(2)
})

needsData('wire/anthropic', 'what Anthropic sent comes through two packages without a loss', async (dir) => {
  // The packages show the summary of a compaction as text, and refuse a second beginning.
  const isFit = (text: string) => text.includes('message_stop') && !/compaction_delta|msg_second/.test(text)
  expect(await expectWhole(dir, ANTHROPIC, { pick: messageText, isFit, ending: [] })).toBeGreaterThan(15)
})
