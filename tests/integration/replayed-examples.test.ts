/** Goes through a recorded run of each example again: from the journal alone, from its last line but one, and live. */
import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  diffRuns,
  fork,
  ramRecords,
  readRun,
  replay,
  type Agent,
  type JournalEntry,
  type RunJournal,
} from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { createKernel, embeddedStorage, type CreateKernelOptions } from '@aios/sdk'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { bookkeeper, bookkeeping, type Invoice } from '../../examples/durable-agent/src/bookkeeper.js'
import { helper } from '../../examples/hello/src/hello.js'
import { triage } from '../../examples/mock-backend-test/src/triage.js'
import { librarian } from '../../examples/react-agent/src/ask-folder.js'
import { counter, TASK } from '../../examples/reflexion-agent/src/count-errors.js'
import { ruleCore } from '../../examples/rule-core/src/index.js'

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const folders: string[] = []

vi.setConfig({ testTimeout: 60_000 })

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** Copies the sample of an example to where it may be changed. */
async function sample(example: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'aios-example-'))
  folders.push(folder)
  await cp(join(EXAMPLES, example, 'src', 'sample'), folder, { recursive: true, preserveTimestamps: true })
  return folder
}

async function reader(example: string): Promise<CreateKernelOptions> {
  return { llm: ruleCore(), storage: embeddedStorage({ root: await sample(example) }) }
}

/** Is an example: its agent, what it is asked, and a fresh world for it. */
interface Example<I = never> {
  readonly agent: Agent<I, unknown>
  readonly input: () => Promise<I>
  readonly world: () => Promise<CreateKernelOptions>
}

const example = <I>(given: Example<I>): Example => given as unknown as Example

const ANSWERS = ['Very urgent!', { json: { priority: 1, reason: 'Data is lost.' } }] as const

const AGENTS: Readonly<Record<string, Example>> = {
  hello: example({
    agent: helper,
    input: () => Promise.resolve('What is 17 * 23 + 4?'),
    world: () => Promise.resolve({ llm: ruleCore() }),
  }),
  'react-agent': example({
    agent: librarian(() => undefined),
    input: () => Promise.resolve('What is the total of amount in all .csv files that contain Berlin?'),
    world: () => reader('react-agent'),
  }),
  'reflexion-agent': example({
    agent: counter,
    input: () => Promise.resolve(TASK),
    world: () => reader('reflexion-agent'),
  }),
  'durable-agent': example({
    agent: bookkeeper,
    input: async () => {
      const json = await readFile(join(EXAMPLES, 'durable-agent/src/sample/invoices.json'), 'utf8')
      return JSON.parse(json) as readonly Invoice[]
    },
    world: async () => {
      const root = await sample('durable-agent')
      return { llm: ruleCore(), storage: embeddedStorage({ root }), tools: bookkeeping(join(root, 'ledger')) }
    },
  }),
  'mock-backend-test': example({
    agent: triage,
    input: () => Promise.resolve('My files are gone.'),
    world: () => Promise.resolve({ llm: scriptedCore(ANSWERS) }),
  }),
}

/** Runs an example, or goes on with what is recorded of it, and returns what it recorded. */
async function recorded(
  { agent, input, world }: Example,
  { from, device = true }: { readonly from?: RunJournal; readonly device?: boolean } = {},
): Promise<{ readonly journal: RunJournal; readonly value: unknown }> {
  const records = ramRecords()
  const kernel = await createKernel({ ...(device ? await world() : {}), records, journal: true })
  const started = from === undefined ? {} : { replay: from }
  const value = await kernel.run(agent, await input(), { runId: 'run', name: 'it', ...started })
  const journal = await readRun(records, 'run')
  await kernel.close()
  return { journal, value }
}

/** The lines as text; when a run was over depends on when it was gone through. */
function textOf(lines: readonly JournalEntry[]): readonly string[] {
  return lines.map((line) => JSON.stringify(line.kind === 'end' ? { ...line, at: 0 } : line))
}

/** What differs besides the times that a device gave, which are those of its own run. */
function differences(before: RunJournal, after: RunJournal): readonly unknown[] {
  return diffRuns(before, after).filter(
    ({ changes }) => !changes.every(({ at }) => /(created|updated|modified)At$/.test(at)),
  )
}

describe('the recorded run of an example', () => {
  it('is gone through here for every example', async () => {
    const all = await readdir(EXAMPLES, { withFileTypes: true })
    const names = all.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules').map(({ name }) => name)
    expect(Object.keys(AGENTS).sort()).toEqual(names.filter((name) => name !== 'rule-core').sort())
  })

  it.each(Object.keys(AGENTS))('comes to the same without any device, byte for byte: %s', async (name) => {
    const given = AGENTS[name] as Example
    const { journal, value } = await recorded(given)
    const before = JSON.stringify(journal)
    const again = await replay(journal, given.agent)
    expect(again).toMatchObject({ outcome: 'fulfilled', lines: journal.lines.length })
    expect(JSON.stringify(again.outcome === 'fulfilled' && again.value)).toBe(JSON.stringify(value))
    expect(JSON.stringify(journal)).toBe(before)
  })

  it.each(Object.keys(AGENTS))('gets the same lines when only its end is made anew: %s', async (name) => {
    const given = AGENTS[name] as Example
    const { journal, value } = await recorded(given)
    const from = {
      header: { ...journal.header, endedAt: undefined, state: 'running' },
      lines: journal.lines.slice(0, -1),
    } as const
    const again = await recorded(given, { from, device: false })
    expect(JSON.stringify(again.value)).toBe(JSON.stringify(value))
    expect(textOf(again.journal.lines)).toEqual(textOf(journal.lines))
    expect(diffRuns(journal, again.journal)).toEqual([])
  })

  it.each(Object.keys(AGENTS))('does not differ from one that is made anew from its first call: %s', async (name) => {
    const given = AGENTS[name] as Example
    const { journal } = await recorded(given)
    const first = journal.lines.find(({ kind }) => kind === 'call')?.n ?? 0
    const again = await recorded(given, { from: fork(journal, { at: first, runId: 'run' }) })
    expect(differences(journal, again.journal)).toEqual([])
  })
})
