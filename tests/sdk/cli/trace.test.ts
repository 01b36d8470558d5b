import { serialize } from 'node:v8'
import type { Captured, JournalEntry, RunHeader } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { journalData } from '../../../packages/sdk/src/cli/journal-data.js'
import { traceText } from '../../../packages/sdk/src/cli/trace.js'

type Line<K> = Omit<Extract<JournalEntry, { kind: K }>, 'n' | 'tick' | 'at' | 'kind'> & { readonly at?: number }

const json = (value: unknown): Captured => ({ codec: 'j', text: value === undefined ? '' : JSON.stringify(value) })
const error = (stored: object): Captured => ({ codec: 'e', text: JSON.stringify(stored) })
const redacted: Captured = { codec: 'x', why: 'redacted' }

/** Makes lines, numbered from 1, a second apart. */
class Lines {
  readonly all: JournalEntry[] = []

  add<K extends JournalEntry['kind']>(kind: K, line: Line<K>): this {
    const n = this.all.length + 1
    this.all.push({ kind, n, tick: n, at: n * 1_000, ...line } as unknown as JournalEntry)
    return this
  }

  call(path: string, more: Partial<Line<'call'>> = {}): this {
    const call = {
      path,
      row: 'test.row',
      digest: '',
      request: json({}),
      outcome: 'fulfilled',
      result: json(1),
    } as const
    const endedAt = (this.all.length + 1) * 1_000 + 500
    return this.add('call', { ...call, endedAt, usage: undefined, costUsd: undefined, ...more })
  }
}

function header(more: Partial<RunHeader> = {}): RunHeader {
  const ids = { schema: 1, runId: 'a', name: 'agent', owner: 'k', pid: 1 }
  return { ...ids, state: 'running', createdAt: 0, endedAt: undefined, halted: undefined, ...more }
}

/** Returns the cells of the lines of a trace, by what two spaces or more divide. */
function trace(lines: Lines, columns = 100, more: Partial<RunHeader> = {}): readonly (readonly string[])[] {
  const text = traceText({ header: header(more), lines: lines.all }, columns)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/))
}

describe('traceText', () => {
  it('says of a run that goes on, has ended or was halted that it did', () => {
    const title = (more: Partial<RunHeader>) => trace(new Lines(), 100, more)[0]?.[0]
    expect(title({})).toBe('a: agent, running')
    expect(title({ state: 'threw', endedAt: 90_000 })).toBe('a: agent, threw in 1.5 min')
    expect(title({ halted: 'AIOS_REPLAY_DIVERGED' })).toBe('a: agent, halted: AIOS_REPLAY_DIVERGED')
  })

  it('says why calls and the run failed, and what was thrown that is no error', () => {
    const lines = new Lines()
      .call('1', { outcome: 'rejected', result: error({ kind: 'aios', code: 'AIOS_TIMEOUT', message: 'Late.' }) })
      .call('2', { outcome: 'rejected', result: error({ kind: 'error', name: 'TypeError' }) })
      .call('3', { outcome: 'cancelled', result: error({ kind: 'value', value: 'enough' }) })
      .call('4', { outcome: 'rejected', result: error({ kind: 'error' }) })
      .add('end', { path: '', outcome: 'threw', result: error({ kind: 'value', value: { why: 7 } }) })
    expect(trace(lines).map((cells) => cells.at(-1))).toEqual([
      'a: agent, running',
      'OUTCOME',
      'rejected: AIOS_TIMEOUT Late.',
      'rejected: TypeError',
      'cancelled: enough',
      'rejected: Error',
      'threw: {"why":7}',
    ])
  })

  it('tells of a streamed answer that was cut how much of it was delivered, in its last life', () => {
    const open = { path: '1', row: 'llm.stream', digest: '', request: json({}), intent: false, dueAt: undefined }
    const part = { type: 'text-delta', text: 'a' } as never
    const lines = new Lines().add('open', open).add('parts', { path: '1', parts: [part, part] })
    expect(trace(lines)[2]).toEqual(['1', '1', 'llm.stream', '{}', 'not settled, 2 parts'])
    lines.add('context', { path: '1', ahead: [], snapshot: json(1) }).add('open', open)
    expect(trace(lines)[2]).toEqual(['4', '1', 'llm.stream', '{}', 'not settled'])
    lines.add('parts', { path: '1', parts: [part] })
    expect(trace(lines)).toHaveLength(3)
    expect(trace(lines)[2]?.at(-1)).toBe('not settled, 1 part')
  })

  it('shows what tells a request from others', () => {
    const asked = (row: string, request: unknown) =>
      trace(new Lines().call('1', { row, request: json(request) }))[2]?.[3]
    expect(asked('llm.chat', { messages: [{ content: 'first' }, { content: 'last' }] })).toBe('last')
    expect(asked('llm.chat', { messages: [{ content: [{ type: 'text', text: 'part' }] }] })).toContain('"text":"par')
    expect(asked('llm.chat', { messages: [] })).toMatch(/ms|s$/)
    expect(asked('tool.call', { name: 'add', input: { a: 1 } })).toBe('add {"a":1}')
    expect(asked('storage.read', { path: 'a/b.txt' })).toBe('a/b.txt')
    expect(asked('memory.retrieve', { query: 'keys' })).toBe('keys')
    expect(asked('any.row', 'text')).toBe('text')
    expect(asked('any.row', null)).toBe('null')
  })

  it('names what is hidden or cannot be read, and goes on', () => {
    const lines = new Lines()
      .add('start', { path: '', input: redacted, options: json({}), fingerprint: '' })
      .call('1', { request: { codec: 'x', why: 'not-cloneable' }, outcome: 'rejected', result: redacted })
      .call('2', { request: { codec: 'v', bytes: Buffer.from('no') } })
      .call('3', { request: { codec: 'v', bytes: serialize({ path: 'x', big: 1n }) } })
    expect(trace(lines).map((cells) => cells[3])).toEqual([
      undefined,
      'REQUEST',
      undefined,
      '(not-cloneable)',
      '(unreadable)',
      'x',
    ])
    expect(trace(lines)[2]).toEqual(['1', '(start)', '(redacted)'])
    expect(trace(lines)[3]?.at(-1)).toBe('rejected: (redacted)')
  })

  it('shows a value that refers to itself', () => {
    const value: Record<string, unknown> = {}
    value['me'] = value
    const lines = new Lines().call('1', { request: { codec: 'v', bytes: serialize(value) } })
    expect(trace(lines)[2]?.[3]).toContain('circular')
  })

  it('keeps a line within the terminal, however huge what it tells', () => {
    const huge = 'x'.repeat(1_000_000)
    const lines = new Lines().call('1', {
      request: json({ query: huge }),
      outcome: 'rejected',
      result: error({ kind: 'error', message: huge }),
      usage: { input: { total: 123 }, output: {} },
    })
    for (const columns of [72, 80, 100, 119, 120, 200]) {
      const text = traceText({ header: header(), lines: lines.all }, columns)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
      expect(text).toContain('123+?')
    }
    expect(traceText({ header: header(), lines: lines.all }, 20)).toContain(`${'x'.repeat(11)}…`)
  })

  it('shows messages from outside, suspends, and the kill of a process behind what it did', () => {
    const lines = new Lines()
      .add('kill', { path: '', error: error({ kind: 'aios', code: 'AIOS_PROCESS_KILLED', message: 'Stop.' }) })
      .add('kill', { path: '2', error: error({ kind: 'error', name: 'Error', message: 'Child.' }) })
      .call('2.10')
      .call('10')
      .call('2')
      .call('2.9')
      .add('mail', { path: '', from: 3, message: json({ hello: 1 }) })
      .add('suspend', { path: '' } as never)
    expect(
      trace(lines)
        .slice(2)
        .map(([n, path, third, fourth]) => [n, path, third, fourth]),
    ).toEqual([
      ['7', '(mail)', 'from 3: {"hello":1}', undefined],
      ['8', '(suspend)', undefined, undefined],
      ['5', '2', 'test.row', '{}'],
      ['6', '2.9', 'test.row', '{}'],
      ['3', '2.10', 'test.row', '{}'],
      ['2', '2', '(kill)', 'Error Child.'],
      ['4', '10', 'test.row', '{}'],
      ['1', '(kill)', 'AIOS_PROCESS_KILLED Stop.', undefined],
    ])
  })

  it('draws when calls ran, and those that still run up to the end', () => {
    const open = { path: '2', row: 'llm.chat', digest: '', request: json({}), intent: false, dueAt: undefined }
    const lines = new Lines().call('1', { at: 0, endedAt: 4_000 }).add('open', { ...open, at: 4_000 })
    lines.add('end', { path: '', outcome: 'fulfilled', result: json(1), at: 8_000 })
    const bars = trace(lines, 140).map((cells) => cells.at(-1))
    expect(bars).toEqual(['a: agent, running', 'TIME', '█'.repeat(12), '░'.repeat(12), 'fulfilled'])
  })

  it('shows a run of more lines than a call can have arguments', () => {
    const lines = new Lines()
    for (let at = 1; at <= 150_000; at += 1) lines.call(String(at))
    expect(traceText({ header: header(), lines: lines.all }, 100).split('\n')).toHaveLength(150_003)
  }, 60_000)
})

describe('journalData', () => {
  it('puts values where the journal has their bytes, and says what is hidden', () => {
    const lines = new Lines()
      .add('start', { path: '', input: json(undefined), options: json({ name: 'a' }), fingerprint: 'f' })
      .call('1', { request: redacted, result: { codec: 'v', bytes: serialize(new Set([1])) } })
    const data = journalData({ header: header(), lines: lines.all }) as { lines: Record<string, unknown>[] }
    expect(data).toMatchObject({ runId: 'a', state: 'running' })
    expect(data.lines[0]).toMatchObject({ n: 1, kind: 'start', input: undefined, options: { name: 'a' } })
    expect(data.lines[1]).toMatchObject({ request: { hidden: 'redacted' }, result: new Set([1]) })
  })
})
