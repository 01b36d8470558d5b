import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AiosError, listRuns, ramRecords, readRun, type Agent, type RecordStore } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { calculator, tools } from '@aios/tools'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { JournalWorld } from './journal-world.js'

const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] })
const chat: Agent<string, string> = async (sys, question) => (await sys.llm.chat(ask(question))).text
const fails: Agent<string, string> = async (sys, question) => {
  await sys.llm.chat(ask(question))
  throw new RangeError('too \u001b[31mfar')
}
/** Returns what JSON lacks. */
const odd: Agent<string, unknown> = () => Promise.resolve({ big: 7n, of: new Map([['a', 1]]) })
/** Waits for a message that never comes. */
const waits: Agent<string, unknown> = async (sys, question) => {
  const { text } = await sys.llm.chat(ask(question))
  return `${text} ${String((await sys.agent.receive()).message)}`
}

const world = new JournalWorld()

beforeAll(async () => {
  const kernel = await world.kernel({ llm: scriptedCore(['one', 'two', 'three', 'four', 'five']) })
  for (const runId of ['job-1', 'job-10']) await kernel.run(chat, runId, { runId, name: 'chat' })
  await kernel.run(fails, 'q', { runId: 'fails', name: 'fails' }).catch(() => undefined)
  await kernel.run(odd, 'q', { runId: 'odd', name: 'odd' })
  await kernel.sys({ name: 'program' }).llm.chat(ask('by hand'))
  kernel.spawn(waits, 'q', { runId: 'waits', name: 'waits' })
  while (!kernel.ps().some(({ calls }) => calls[0]?.name === 'agent.receive'))
    await new Promise((resolve) => setImmediate(resolve))
  await kernel.close()
})
afterAll(() => {
  world[Symbol.dispose]()
})

/** Returns the header of the run that was recorded under this name. */
async function runNamed(records: RecordStore, name: string) {
  await records.open()
  try {
    for await (const header of listRuns(records)) if (header.name === name) return header
    throw new Error(`No run of ${name}.`)
  } finally {
    await records.close()
  }
}

describe('aios runs', () => {
  it('tells how each run ended, and of one that has not', async () => {
    const { out } = await world.aios(['runs'])
    const row = (id: string) => out.split('\n').find((line) => line.startsWith(`${id} `))
    expect(row('fails')).toMatch(/^fails +fails +threw +\S+ +\d+ ms +3 +0$/)
    expect(row('waits')).toMatch(/^waits +waits +running +\S+ +2 +0$/)
    expect(out).toMatch(/program +traced/)
  })

  it('says as JSON what the table says, with whole ids and numbers', async () => {
    const { code, out } = await world.aios(['runs', '--last', '100', '--json'])
    expect(code).toBe(0)
    const runs = JSON.parse(out) as { runId: string }[]
    expect(runs).toHaveLength(6)
    expect(runs.find(({ runId }) => runId === 'fails')).toMatchObject({
      name: 'fails',
      state: 'threw',
      lines: 3,
      costUsd: 0,
    })
    expect(runs.find(({ runId }) => runId === 'waits')).not.toHaveProperty('endedAt')
    expect(JSON.parse((await world.aios(['runs', '--json'], { records: ramRecords() })).out)).toEqual([])
  })

  it('never cuts an id, which somebody may want to copy', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records })
    const runId = `invoices-${'x'.repeat(100)}`
    await kernel.run(() => Promise.resolve(1), '', { runId })
    await kernel.close()
    expect((await world.aios(['runs'], { records, columns: 40 })).out).toContain(`${runId} `)
  })

  it('names why a run was halted', async () => {
    const records = ramRecords()
    const first = await world.kernel({ records, llm: scriptedCore(['one']) })
    first.spawn(waits, 'q', { runId: 'astray', name: 'waits' })
    while (first.ps()[0]?.calls[0]?.name !== 'agent.receive') await new Promise((resolve) => setImmediate(resolve))
    await first.close()
    const other: Agent<string, string> = (sys) => chat(sys, 'something else')
    const { code, out } = await world.aios(['recover'], {
      records,
      exported: { waits: other, kernel: { limits: { replayIdleMs: 10 } } },
    })
    expect(out).toMatch(/astray +waits +failed +AIOS_REPLAY_DIVERGED: /)
    expect(code).toBe(1)
    expect((await world.aios(['runs'], { records })).out).toContain('halted: AIOS_REPLAY_DIVERGED')
    expect((await world.aios(['trace', 'astray'], { records })).out).toContain('halted: AIOS_REPLAY_DIVERGED')
  })

  it('leaves out a run that is cleared away while it is listed', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records })
    for (const runId of ['gone', 'here']) await kernel.run(() => Promise.resolve(1), '', { runId })
    await kernel.close()
    const clearing: RecordStore = Object.create(records, {
      get: {
        value: async (space: string, key: Uint8Array) =>
          Buffer.from(key).toString() === 'gone' ? undefined : records.get(space, key),
      },
    }) as RecordStore
    const { code, out } = await world.aios(['runs'], { records: bound(clearing, records) })
    expect([code, out.includes('gone'), out.includes('here')]).toEqual([0, false, true])
  })

  it('lists the others where one is damaged, and fails', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records })
    for (const runId of ['a', 'c']) await kernel.run(() => Promise.resolve(1), '', { runId })
    await records.put('journal/runs', Buffer.from('b'), Buffer.from('{'))
    await kernel.close()
    for (const args of [['runs'], ['runs', '--json']]) {
      const { code, out, err } = await world.aios(args, { records })
      expect([code, err]).toEqual([1, expect.stringMatching(/^aios: AIOS_CORRUPT: /)])
      expect(out).toMatch(/c[^]*a/)
    }
    expect((await world.aios(['trace', 'd'], { records })).err).toMatch(/^aios: AIOS_NOT_FOUND: .*"a", "c"/)
  })

  it('fails with what the store says', async () => {
    const records = ramRecords()
    await records.open()
    await records.put('journal/runs', Buffer.from('bad'), Buffer.from('{'))
    await records.close()
    const damaged = await world.aios(['runs'], { records })
    expect([damaged.code, damaged.out, damaged.err]).toEqual([1, '', expect.stringMatching(/^aios: AIOS_CORRUPT: /)])
    const broken = new AiosError('AIOS_STORE_UNAVAILABLE', 'Its disk is away.')
    const away = bound(Object.create(records, { get: { value: () => Promise.reject(broken) } }) as RecordStore, records)
    await records.open()
    await records.remove('journal/runs', Buffer.from('bad'))
    const header = { schema: 1, runId: 'a', name: 'a', state: 'running', owner: 'k', pid: 1, createdAt: 0 }
    await records.put('journal/runs', Buffer.from('a'), Buffer.from(JSON.stringify(header)))
    await records.close()
    expect(await world.aios(['runs'], { records: away })).toEqual({
      code: 1,
      out: '',
      err: 'aios: AIOS_STORE_UNAVAILABLE: Its disk is away.\n',
    })
  })
})

describe('a data directory', () => {
  it.each([
    ['nowhere', 'found nothing'],
    ['agents.js', 'found a file'],
    ['empty', 'found an empty directory'],
  ])('that is none (%s) is refused by every command, and nothing is made there', async (data, message) => {
    mkdirSync(join(world.folder, 'empty'), { recursive: true })
    for (const args of [['runs'], ['trace', 'a'], ['replay', 'a'], ['replay', 'a', '--fork', '2'], ['recover']]) {
      const { code, err, out } = await world.aios(args, { data })
      expect([code, out]).toEqual([1, ''])
      expect(err).toContain('AIOS_NOT_FOUND: Expected a data directory at')
      expect(err).toContain(message)
    }
  })
})

describe('aios trace', () => {
  it('shows the run of this very id, and not one whose id begins with it', async () => {
    const { out } = await world.aios(['trace', 'job-1'])
    expect(out).toMatch(/^job-1: chat/)
    expect(out).not.toContain('job-10')
    const { code, err } = await world.aios(['trace', 'job'])
    expect(code).toBe(1)
    expect(err).toMatch(/got "job"\. The nearest are "job-1", "(job-10|odd)", "(job-10|odd)"; "aios runs" lists all\./)
  })

  it('says so where there are no runs at all', async () => {
    const { err } = await world.aios(['trace', 'a'], { records: ramRecords() })
    expect(err).toContain('got "a". There are no runs in this data directory.')
  })

  it('gives the whole journal as JSON', async () => {
    const { out } = await world.aios(['trace', 'fails', '--json'])
    const { lines } = JSON.parse(out) as { lines: Record<string, unknown>[] }
    expect(lines.map(({ kind }) => kind)).toEqual(['start', 'call', 'end'])
    expect(lines[1]).toMatchObject({ row: 'llm.chat', request: ask('q'), outcome: 'fulfilled' })
    expect(lines[2]).toMatchObject({ result: { name: 'RangeError', message: 'too \u001b[31mfar' } })
  })

  it('shows the calls of a program that is no agent', async () => {
    const { runId } = await runNamed(world.records, 'program')
    expect((await world.aios(['trace', runId])).out).toMatch(/llm\.chat +by hand/)
  })
})

describe('aios replay', () => {
  it('exits with 1 and says what was thrown where the agent failed then', async () => {
    const { code, out } = await world.aios(['replay', 'fails'], { exported: { fails } })
    expect([code, out]).toEqual([1, 'threw after 3 of 3 lines\nRangeError: too  [31mfar\n'])
    const { out: json } = await world.aios(['replay', 'fails', '--json'], { exported: { fails } })
    expect(JSON.parse(json)).toEqual({
      runId: 'fails',
      outcome: 'threw',
      lines: 3,
      of: 3,
      error: { name: 'RangeError', message: 'too \u001b[31mfar' },
    })
  })

  it('shows a result that JSON lacks', async () => {
    const { out } = await world.aios(['replay', 'odd'], { exported: { odd } })
    expect(JSON.parse(out.split('\n').slice(1).join('\n'))).toEqual({ big: '7', of: [['a', 1]] })
  })

  it('goes to the end of a run that has not ended, and shows what it waits for', async () => {
    const { code, out } = await world.aios(['replay', 'waits'], { exported: { waits } })
    expect([code, out.split('\n')[0]]).toEqual([0, 'stopped after 2 of 2 lines'])
    expect(out).toMatch(/^2 +agent\.receive/m)
    const { out: json } = await world.aios(['replay', 'waits', '--json'], { exported: { waits } })
    expect(JSON.parse(json)).toMatchObject({ outcome: 'stopped', waiting: [{ path: '2', name: 'agent.receive' }] })
  })

  it('says that a program of its own cannot be run again', async () => {
    const { runId } = await runNamed(world.records, 'program')
    for (const args of [[], ['--fork', '1']]) {
      const { code, err } = await world.aios(['replay', runId, ...args], { exported: { program: chat } })
      expect(code).toBe(1)
      expect(err).toContain("which is the trace of a program's own calls")
    }
  })

  it('stops with 130 when it is interrupted', async () => {
    const signal = AbortSignal.abort(new Error('Interrupted.'))
    for (const args of [[], ['--fork', '2']]) {
      const { code, err } = await world.aios(['replay', 'job-1', ...args], { exported: { chat }, signal })
      expect([code, err]).toEqual([130, expect.stringContaining('Interrupted.')])
    }
  })
})

describe('aios replay --fork', () => {
  it('tells what became different also where the other course fails', async () => {
    const before = (await world.aios(['runs', '--json'])).out
    const exported = { chat: fails, kernel: { llm: scriptedCore(['other', 'other']) } }
    const { code, out } = await world.aios(['replay', 'job-1', '--fork', '2'], { exported })
    expect(code).toBe(1)
    const [first = '', failure, ...table] = out.split('\n')
    const runId = first.replace('forked as ', '')
    expect(failure).toBe('failed: RangeError: too  [31mfar')
    expect(table.join('\n')).toMatch(/1 +llm\.chat +outcome +result\.text: .*one.* → .*other/)
    expect(before).not.toContain(runId)
    await world.records.open()
    expect((await readRun(world.records, runId)).header.state).toBe('threw')
    await world.records.close()
    const { out: json } = await world.aios(['replay', 'job-1', '--fork', '2', '--json'], { exported })
    expect(JSON.parse(json)).toMatchObject({
      outcome: 'failed',
      error: { name: 'RangeError' },
      differences: [{ path: '1' }, {}],
    })
  })

  it('says so where nothing became different', async () => {
    const kernel = { llm: scriptedCore(['one', 'one']) }
    expect((await world.aios(['replay', 'job-1', '--fork', '2'], { exported: { chat, kernel } })).out).toMatch(
      /\none\n/,
    )
    const { out } = await world.aios(['replay', 'job-1', '--fork', '2', '--json'], { exported: { chat, kernel } })
    expect(JSON.parse(out)).toMatchObject({ outcome: 'fulfilled', value: 'one' })
  })

  it('goes on within the budget, the grants and the namespace of the run', async () => {
    const records = ramRecords()
    const options = { budget: { calls: 3 }, grants: { tools: [] }, namespace: 'diary', tenant: 'ann' }
    const bounded: Agent<string, unknown> = async (sys) => {
      const codes: string[] = []
      for (let n = 0; n < 4; n += 1)
        codes.push(
          await sys.tool.call({ name: 'calculator', input: { expression: `${n}` } }).then(
            () => 'done',
            (error: unknown) => (error as { readonly code: string }).code,
          ),
        )
      return codes
    }
    const kernel = await world.kernel({ records, tools: tools([calculator()]) })
    const codes = [...Array.from({ length: 3 }, () => 'AIOS_ACCESS_DENIED'), 'AIOS_BUDGET_EXCEEDED']
    expect(await kernel.run(bounded, 'x', { ...options, name: 'bounded', runId: 'b' })).toEqual(codes)
    await kernel.close()
    const { out } = await world.aios(['replay', 'b', '--fork', '3', '--json'], { records, exported: { bounded } })
    const forked = JSON.parse(out) as { readonly runId: string; readonly value: unknown }
    expect(forked.value).toEqual(codes)
    await records.open()
    const [start] = (await readRun(records, forked.runId)).lines
    await records.close()
    expect(start?.kind === 'start' && start.options.codec === 'j' ? JSON.parse(start.options.text) : '').toEqual({
      ...options,
      name: 'bounded',
    })
  })

  it('refuses a run whose input was not kept', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records, llm: scriptedCore(['one']) })
    const held = { text: () => 'a function cannot be kept' }
    await kernel.run((sys, { text }: typeof held) => chat(sys, text()), held, { name: 'chat' })
    await kernel.close()
    const { runId } = await runNamed(records, 'chat')
    const { code, err } = await world.aios(['replay', runId, '--fork', '2'], { records, exported: { chat } })
    expect([code, err]).toEqual([1, expect.stringContaining('AIOS_NOT_CLONEABLE: The input of run')])
  })
})

describe('a module of agents', () => {
  it('that is not there is named, with the option that names another', async () => {
    for (const args of [['replay', 'job-1'], ['replay', 'job-1', '--fork', '2'], ['recover']]) {
      const { code, err } = await world.aios(args, { agents: 'none.js' })
      expect(code).toBe(1)
      expect(err).toMatch(
        /AIOS_NOT_FOUND: Expected a file to run, found none at .*none\.js\. Name the module of your agents by --agents\./,
      )
    }
  })
})

describe('aios recover', () => {
  it('leaves what it was interrupted in for the next one, and exits with 130', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records, llm: scriptedCore(['one']) })
    kernel.spawn(waits, 'q', { runId: 'left', name: 'waits' })
    while (kernel.ps()[0]?.calls[0]?.name !== 'agent.receive') await new Promise((resolve) => setImmediate(resolve))
    await kernel.close()
    const interrupt = new AbortController()
    const interrupting: Agent<string, unknown> = (sys, question) => {
      setImmediate(() => interrupt.abort(new Error('Interrupted.')))
      return waits(sys, question)
    }
    const again = await world.aios(['recover'], {
      records,
      exported: { waits: interrupting },
      signal: interrupt.signal,
    })
    expect(again.out).toMatch(/left +waits +left +AIOS_/)
    expect(again.code).toBe(130)
    const signal = AbortSignal.abort(new Error('Interrupted.'))
    expect((await world.aios(['recover'], { records, exported: { waits }, signal })).code).toBe(130)
    const done: Agent<string, unknown> = async (sys, question) => [await chat(sys, question), 3n]
    const { code, out } = await world.aios(['recover', '--json'], { records, exported: { waits: done } })
    expect([code, JSON.parse(out)]).toEqual([
      0,
      [{ runId: 'left', name: 'waits', outcome: 'done', value: ['one', '3'] }],
    ])
    expect(JSON.parse((await world.aios(['recover', '--json'], { records, exported: { done } })).out)).toEqual([])
  })

  it('says as JSON what it could not take up', async () => {
    const records = ramRecords()
    const kernel = await world.kernel({ records, llm: scriptedCore(['one']) })
    kernel.spawn(waits, 'q', { runId: 'left', name: 'waits' })
    while (kernel.ps()[0]?.calls[0]?.name !== 'agent.receive') await new Promise((resolve) => setImmediate(resolve))
    await kernel.close()
    const { code, out } = await world.aios(['recover', '--json'], { records, exported: { other: chat } })
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual([
      { runId: 'left', name: 'waits', outcome: 'no-agent', error: expect.stringContaining('"waits"') as string },
    ])
  })
})

/** Lends a store that differs in a method what it needs to work: its own `this`. */
function bound(differing: RecordStore, records: RecordStore): RecordStore {
  return new Proxy(records, {
    get: (target, key) => {
      const source = Object.hasOwn(differing, key) ? differing : target
      const value: unknown = Reflect.get(source, key, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
