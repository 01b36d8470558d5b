import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  fork,
  ramRecords,
  replay,
  type Agent,
  type AgentSendRequest,
  type Kernel,
  type RecordStore,
  type SyscallHook,
} from '@aios/kernel'
import { createTestKernel, recordRun, replayRun, type TestKernel } from '@aios/kernel/testing'
import { shut } from '../test-bed.js'

const child: Agent<string, unknown> = async (sys, input) => {
  await sys.random.int({ min: 1, max: input.length })
  await sys.clock.sleep({ ms: 60_000 })
  const heard: unknown[] = []
  for (let n = 0; n < 2; n += 1) heard.push((await sys.agent.receive()).message)
  const last = await sys.agent.receive().catch((error: unknown) => (error as { readonly code: string }).code)
  return [input, heard, last]
}

/** Spawns a child, sends it what it hears a minute later, and returns what that came to. */
const parent: Agent<unknown, unknown> = async (sys) => {
  const { pid, name } = await sys.agent.spawn({ agent: child, name: 'child', input: 'x' })
  for (const message of ['secret', 'kept back', 'last']) await sys.agent.send({ to: pid, message })
  return [name, await sys.agent.wait({ pid })]
}
const came = ['renamed', ['of a hook', ['***', 'last'], 'AIOS_BUDGET_EXCEEDED']]

const spawning: SyscallHook = {
  name: 'spawning',
  before: ({ request }) => ({ ...(request as object), input: 'of a hook', name: 'renamed', budget: { calls: 2 } }),
}
const sending: SyscallHook = {
  name: 'sending',
  around: ({ request }, next) => ((request as AgentSendRequest).message === 'kept back' ? undefined : next()),
  before: ({ request }) => {
    const { message, to } = request as AgentSendRequest
    return { to, message: message === 'secret' ? '***' : message }
  },
}

function hooked(kernel: Pick<Kernel, 'use'>): void {
  kernel.use(spawning, 'agent.spawn')
  kernel.use(sending, 'agent.send')
}

async function boot(records: RecordStore, prepare?: (kernel: TestKernel) => void): Promise<TestKernel> {
  await records.open()
  const kernel = await createTestKernel({ records, journal: true })
  onTestFinished(() => shut(kernel))
  prepare?.(kernel)
  return kernel
}

describe('a spawn and messages that hooks changed', () => {
  it.each([
    ['with the hooks', hooked],
    ['without them', undefined],
  ])('are in the next life what they were, %s', async (_, prepare) => {
    const records = ramRecords()
    const first = await boot(records, hooked)
    const begun = first.spawn(parent, 'input', { runId: 'r' })
    begun.result.catch(() => undefined)
    await first.clock.advance(1_000)
    await shut(first)
    const kernel = await boot(records, prepare)
    const resumed = kernel.spawn(parent, 'input', { runId: 'r' })
    await kernel.clock.advance(120_000)
    expect(await resumed.result).toEqual(came)
  })

  it('are gone through so in a replay, in a fork and from a cassette', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'made-call-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'run.json')
    const kernel = await boot(ramRecords(), hooked)
    const recorded = recordRun({ file, kernel, agent: parent, input: 'input', mode: 'record' })
    await kernel.clock.advance(120_000)
    expect(await recorded).toEqual(came)
    const [{ runId = '' } = {}] = kernel.ps().filter(({ name }) => name === 'agent')
    const journal = await kernel.readRun(runId)
    expect(await replay(journal, parent)).toMatchObject({ outcome: 'fulfilled', value: came })
    expect(await replayRun({ file, agent: parent, input: 'input' })).toEqual(came)
    const at = journal.lines.findLast(({ kind }) => kind === 'call')?.n as number
    const forked = kernel.spawn(parent, 'input', { replay: fork(journal, { at }), runId: 'forked' })
    await kernel.clock.advance(120_000)
    expect(await forked.result).toEqual(came)
  })
})

describe('a message that is sent again with its idempotency key', () => {
  it('is heard once, also in the next life', async () => {
    const twice: Agent<unknown, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: child, input: 'x' })
      for (const message of ['once', 'once', 'last'])
        await sys.agent.send({ to: pid, message }, { idempotencyKey: message })
      await sys.agent.send({ to: pid, message: 'end' })
      return sys.agent.wait({ pid })
    }
    const records = ramRecords()
    const first = await boot(records)
    first.spawn(twice, 'input', { runId: 'r' }).result.catch(() => undefined)
    await first.clock.advance(1_000)
    await shut(first)
    const kernel = await boot(records)
    const resumed = kernel.spawn(twice, 'input', { runId: 'r' })
    await kernel.clock.advance(120_000)
    expect(await resumed.result).toMatchObject(['x', ['once', 'last'], { message: 'end' }])
  })
})

describe('a detached process that hooks changed', () => {
  it('is taken up by the name and with the input that they gave it', async () => {
    const orphaning: Agent<unknown, unknown> = async (sys) => {
      const { pid } = await sys.agent.spawn({ agent: child, name: 'child', input: 'x', detached: true })
      await sys.agent.send({ to: pid, message: 'secret' })
      await sys.agent.send({ to: pid, message: 'last' })
    }
    const records = ramRecords()
    const first = await boot(records, hooked)
    first.spawn(orphaning, 'input', { runId: 'r' }).result.catch(() => undefined)
    await first.clock.advance(1_000)
    await shut(first)
    const kernel = await boot(records)
    const { processes, unrecovered } = await kernel.recover({ agents: { renamed: child } })
    expect(unrecovered).toEqual([])
    await kernel.clock.advance(120_000)
    expect(await Promise.all(processes.map(({ result }) => result))).toEqual([came[1]])
  })
})

describe('a process that is at work before its spawn is answered, for a hook waits', () => {
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, ms)
    })
  const slow: SyscallHook = { name: 'slow', after: () => wait(20) }
  const quick: Agent<unknown, unknown> = async (sys) => [
    await sys.random.int({ min: 1, max: 9 }),
    await sys.clock.now(),
  ]
  const patient: Agent<unknown, unknown> = async (sys) => {
    const { pid } = await sys.agent.spawn({ agent: quick })
    const result = await sys.agent.wait({ pid })
    await sys.clock.sleep({ ms: 1_000 })
    return result
  }

  it('comes again in the next life, and in a replay', async () => {
    const records = ramRecords()
    const first = await boot(records, (kernel) => kernel.use(slow, 'agent.spawn'))
    first.spawn(patient, 'input', { runId: 'r' }).result.catch(() => undefined)
    await wait(60)
    await first.clock.advance(10)
    await shut(first)
    const kernel = await boot(records)
    const resumed = kernel.spawn(patient, 'input', { runId: 'r' })
    await kernel.clock.advance(10_000)
    const value = await resumed.result
    const journal = await kernel.readRun('r')
    expect(journal.lines.map((line) => ('row' in line ? line.row : line.kind)).slice(0, 5)).toEqual([
      'start',
      'agent.spawn',
      'random.int',
      'clock.now',
      'agent.spawn',
    ])
    expect(await replay(journal, patient)).toMatchObject({ outcome: 'fulfilled', value })
  })

  it('comes again when the run was killed while the hook waited', async () => {
    const records = ramRecords()
    const first = await boot(records, (kernel) => kernel.use(slow, 'agent.spawn'))
    first.spawn(patient, 'input', { runId: 'r' }).result.catch(() => undefined)
    await first.clock.advance(10)
    await shut(first)
    const kernel = await boot(records)
    const resumed = kernel.spawn(patient, 'input', { runId: 'r' })
    await kernel.clock.advance(10_000)
    expect(await resumed.result).toHaveLength(2)
  })
})
