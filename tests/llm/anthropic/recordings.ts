/** Reads what Anthropic really sent, and what the vendor's own helper makes of it. */
import Anthropic from '@anthropic-ai/sdk'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fakeFetch } from '../core/asking.js'
import { EVENT_STREAM, type Body } from '../core/provider.js'
import { frame } from './messages.js'

export interface Recording {
  readonly name: string
  readonly text: string
}

/** Two are broken on purpose; see their tests. */
export const BROKEN = ['duplicate-message-start.chunks.txt', 'spliced-message-start.chunks.txt']

export async function recordings(folder: string, ending: string): Promise<Recording[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort()
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(folder, basename(name)), 'utf8') })))
}

export const eventsOf = (text: string): Body[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Body)

/** Some files hold the answers of several turns, one after the other. */
export function messagesOf(text: string): Body[][] {
  const messages: Body[][] = [[]]
  for (const event of eventsOf(text)) {
    messages.at(-1)!.push(event)
    if (event['type'] === 'message_stop') messages.push([])
  }
  return messages.filter((events) => events.length > 0)
}

/** Returns what the SDK's accumulating helper makes of a stream: its beta knows the newest blocks. */
export async function accumulated(events: readonly Body[]): Promise<Body> {
  const { fetch } = fakeFetch(
    () => new Response(events.map((event) => frame(event)).join(''), { headers: EVENT_STREAM }),
  )
  const client = new Anthropic({ apiKey: 'sk-test', fetch, maxRetries: 0, logLevel: 'off' })
  const stream = client.beta.messages.stream({ model: 'test-1', max_tokens: 9, messages: [] })
  return (await stream.finalMessage()) as unknown as Body
}

/** Leaves out what says nothing: null, empty lists and signatures, and texts of nothing but white space. */
export function essence(content: unknown): unknown[] {
  const saysSomething = ([name, value]: readonly [string, unknown]): boolean =>
    value !== null && !(Array.isArray(value) && value.length === 0 && name === 'citations') && name !== 'parsed'
  return (content as readonly Body[])
    .filter((block) => block['type'] !== 'text' || String(block['text']).trim() !== '')
    .map((block) => Object.fromEntries(Object.entries(block).filter(saysSomething)))
}
