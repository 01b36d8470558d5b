import {
  AiosError,
  createKernel,
  defineSyscall,
  ramRecords,
  readRun,
  type Agent,
  type KernelOptions,
  type RecordStore,
  type Undone,
} from '@aios/kernel'
import { recordEvents, type TestKernel } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { start, testBed } from '../test-bed.js'

/** Is a till that counts what it was paid, and what was paid back by whom. */
class Till {
  readonly back: unknown[] = []
  /** Thrown by the next pay back of this amount. */
  failing = new Map<number, unknown>()
  onBack: (() => void) | undefined

  rows(): KernelOptions['syscalls'] {
    const amount = z.object({ amount: z.number() })
    const pay = defineSyscall({
      name: 'till.pay',
      lane: 'till',
      request: z.object({ amount: z.number(), currency: z.string().default('EUR') }),
      execute: ({ amount: paid }) => {
        if (paid < 0) throw new AiosError('AIOS_NOT_FOUND', 'no money')
        return { receipt: `r${paid}` }
      },
      compensate: ({ amount: paid, currency }, { receipt }, { key, agent, namespace }) => {
        this.onBack?.()
        const failing = this.failing.get(paid)
        this.failing.delete(paid)
        if (failing !== undefined) throw failing as Error
        this.back.push({ paid, currency, receipt, key, agent, namespace })
      },
    })
    const both = defineSyscall({
      name: 'till.both',
      request: amount,
      execute: async ({ amount: each }, { sys }) => {
        await sys.call('till.pay', { amount: each })
        await sys.call('till.pay', { amount: each + 1 })
      },
      compensate: ({ amount: each }) => void this.back.push(`both ${each}`),
    })
    const tell = defineSyscall({ name: 'till.tell', request: z.object({}), execute: () => 'told' })
    const look = defineSyscall({ name: 'till.look', request: z.object({}), effect: 'repeatable', execute: () => 1 })
    return [pay, both, tell, look]
  }

  paid(): readonly number[] {
    return this.back.map((each) => (each as { paid: number }).paid)
  }
}

async function open(till: Till, options: KernelOptions = {}): Promise<TestKernel> {
  return testBed({ journal: true, syscalls: till.rows() ?? [], ...options })
}

const spender: Agent<readonly number[], string> = async (sys, amounts) => {
  for (const amount of amounts) await sys.call('till.pay', { amount }).catch(() => undefined)
  return 'spent'
}

const ids = ({ undone }: Undone): readonly string[] => undone.map(({ id }) => id)

describe('undo of a run', () => {
  it('calls the compensations newest first, with request, result and a key of their own', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run(spender, [1, 2], { runId: 'r', name: 'payer', tenant: 'acme' })
    expect(await kernel.undo('r')).toEqual({
      undone: [
        { id: 'r/2', name: 'till.pay' },
        { id: 'r/1', name: 'till.pay' },
      ],
      skipped: [],
    })
    expect(till.back).toEqual([
      { paid: 2, currency: 'EUR', receipt: 'r2', key: 'r/2/undo', agent: 'undo', namespace: 'payer' },
      { paid: 1, currency: 'EUR', receipt: 'r1', key: 'r/1/undo', agent: 'undo', namespace: 'payer' },
    ])
  })

  it('makes them in a process named undo, of the tenant of the run, on the lane of the call', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run(spender, [1], { runId: 'r', tenant: 'acme' })
    const events = recordEvents(kernel)
    let living: unknown
    till.onBack = () => {
      living = kernel.ps().find(({ name, state }) => name === 'undo' && state === 'running')
    }
    await kernel.undo('r')
    expect(living).toMatchObject({
      tenant: 'acme',
      usage: { calls: 1 },
      calls: [{ name: 'till.pay.undo', lane: 'till' }],
    })
    expect(kernel.ps().find(({ name }) => name === 'undo')).toMatchObject({ state: 'exited', outcome: 'fulfilled' })
    expect(events.names).toContain('syscall:settled')
  })

  it('undoes nothing twice', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run(spender, [1, 2], { runId: 'r' })
    const [first, second] = await Promise.all([kernel.undo('r'), kernel.undo('r')])
    expect([ids(first), ids(second)]).toEqual([['r/2', 'r/1'], []])
    expect(second.skipped).toEqual([
      { id: 'r/2', name: 'till.pay', why: 'already-undone' },
      { id: 'r/1', name: 'till.pay', why: 'already-undone' },
    ])
    expect(till.paid()).toEqual([2, 1])
  })

  it('leaves out what changes nothing and what failed, and names what cannot be undone', async () => {
    const till = new Till()
    const kernel = await open(till)
    const agent: Agent<undefined, void> = async (sys) => {
      await sys.call('till.look', {})
      await sys.call('till.tell', {})
      await sys.clock.now()
      await sys.call('till.pay', { amount: -1 }).catch(() => undefined)
    }
    await kernel.run(agent, undefined, { runId: 'r' })
    expect(await kernel.undo('r')).toEqual({
      undone: [],
      skipped: [{ id: 'r/2', name: 'till.tell', why: 'no-compensation' }],
    })
    expect(await kernel.undo('r/4')).toEqual({
      undone: [],
      skipped: [{ id: 'r/4', name: 'till.pay', why: 'not-fulfilled' }],
    })
  })

  it('lets the compensation of a call stand for what was made under it', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run((sys) => sys.call('till.both', { amount: 5 }), undefined, { runId: 'r' })
    const { undone, skipped } = await kernel.undo('r')
    expect(undone).toEqual([{ id: 'r/1', name: 'till.both' }])
    expect(skipped).toEqual([
      { id: 'r/1.2', name: 'till.pay', why: 'covered' },
      { id: 'r/1.1', name: 'till.pay', why: 'covered' },
    ])
    expect(till.back).toEqual(['both 5'])
  })

  it('skips what was redacted, and what this kernel does not know', async () => {
    const till = new Till()
    const records = ramRecords()
    await records.open()
    const secret = { redact: ({ name }: { readonly name: string }) => ({ result: name === 'till.pay' }) }
    const kernel = await open(till, { records, journal: secret })
    await kernel.run(spender, [1], { runId: 'r' })
    expect((await kernel.undo('r')).skipped).toEqual([{ id: 'r/1', name: 'till.pay', why: 'not-kept' }])
    const other = await testBed({ records, journal: true })
    expect((await other.undo('r')).skipped).toEqual([{ id: 'r/1', name: 'till.pay', why: 'unknown-syscall' }])
  })
})

describe('undo that stops', () => {
  it('names the call that failed, what was undone and what remains, and goes on from there', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run(spender, [1, 2, 3], { runId: 'r' })
    till.failing.set(2, new Error('the bank is closed'))
    const pay = (path: number) => ({ id: `r/${path}`, name: 'till.pay' })
    await expect(kernel.undo('r')).rejects.toMatchObject({
      code: 'AIOS_DRIVER_FAILED',
      message: expect.stringMatching(
        /Undo stopped at till\.pay \(r\/2\).*the bank is closed.*1 undone, 2 remaining/,
      ) as string,
      details: { failed: pay(2), undone: [pay(3)], skipped: [], remaining: [pay(2), pay(1)] },
    })
    expect(kernel.ps().filter(({ name, state }) => name === 'undo' && state !== 'exited')).toEqual([])
    expect(ids(await kernel.undo('r'))).toEqual(['r/2', 'r/1'])
    expect(till.paid()).toEqual([3, 2, 1])
  })

  it('goes on in the next kernel after one that was closed half-way, under the same keys', async () => {
    const till = new Till()
    const records = ramRecords()
    await records.open()
    const before = await createKernel({ records, journal: true, syscalls: till.rows() })
    await before.run(spender, [1, 2], { runId: 'r' })
    let closed: Promise<void> | undefined
    till.onBack = () => {
      if (till.back.length === 1) closed = before.close()
    }
    await expect(before.undo('r')).rejects.toMatchObject({ code: 'AIOS_CLOSED', details: { undone: [{ id: 'r/2' }] } })
    await closed
    till.onBack = undefined
    const after = await open(till, { records })
    expect(await after.undo('r')).toMatchObject({
      undone: [{ id: 'r/1' }],
      skipped: [{ id: 'r/2', why: 'already-undone' }],
    })
    // The first kernel had called it when it closed; whoever compensates knows it by its key.
    expect(till.back.map((each) => (each as { key: string }).key)).toEqual(['r/2/undo', 'r/1/undo', 'r/1/undo'])
  })

  it('stops with the reason of its signal', async () => {
    const till = new Till()
    const kernel = await open(till)
    await kernel.run(spender, [1, 2], { runId: 'r' })
    const stop = new AbortController()
    till.onBack = () => {
      if (till.back.length === 0) queueMicrotask(() => stop.abort('enough'))
    }
    await expect(kernel.undo('r', { signal: stop.signal })).rejects.toBe('enough')
    await expect(kernel.undo('r', { signal: stop.signal })).rejects.toBe('enough')
    till.onBack = undefined
    await kernel.undo('r')
    expect(till.paid().at(-1)).toBe(1)
  })
})

describe('what undo takes', () => {
  it('is a process, with its descendants, once it is suspended or has ended', async () => {
    const till = new Till()
    const kernel = await open(till)
    const { process, sys } = await start(kernel, { name: 'parent' })
    await sys.call('till.pay', { amount: 1 })
    const { pid } = await sys.agent.spawn({ agent: spender, input: [2, 3] })
    await sys.agent.wait({ pid })
    await expect(kernel.undo(process.pid)).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('Suspend or kill it first') as string,
    })
    expect((await kernel.undo(pid)).undone).toHaveLength(2)
    expect(till.paid()).toEqual([3, 2])
    process.suspend()
    expect((await kernel.undo(process.pid)).undone).toHaveLength(1)
    process.kill()
    await sys.call('till.look', {}).catch(() => undefined)
    const { undone, skipped } = await kernel.undo(process.pid)
    expect(undone).toEqual([])
    expect(skipped.filter(({ why }) => why === 'already-undone')).toHaveLength(3)
    expect(till.paid()).toEqual([3, 2, 1])
  })

  it('is one call, also while its process goes on', async () => {
    const till = new Till()
    const kernel = await open(till)
    const { sys } = await start(kernel, { runId: 'a/b' })
    await kernel.clock.settle()
    await sys.call('till.pay', { amount: 1 })
    await sys.call('till.pay', { amount: 2 })
    expect(ids(await kernel.undo('a/b/1'))).toEqual(['a/b/1'])
    expect(till.paid()).toEqual([1])
  })

  it('is a call of code that is no agent, for its tenant and namespace', async () => {
    const till = new Till()
    const kernel = await open(till)
    const sys = kernel.sys({ name: 'host', tenant: 'acme', namespace: 'n' })
    await sys.call('till.pay', { amount: 1 })
    const runId = kernel.ps().find(({ pid }) => pid === sys.pid)?.runId ?? ''
    await expect(kernel.undo(runId)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    let tenant: unknown
    till.onBack = () => {
      tenant = kernel.ps().find(({ name, state }) => name === 'undo' && state === 'running')?.tenant
    }
    expect(ids(await kernel.undo(`${runId}/1`))).toEqual([`${runId}/1`])
    expect([tenant, till.back]).toMatchObject(['acme', [{ namespace: 'n' }]])
  })

  it('is nothing that another living kernel goes on with', async () => {
    const till = new Till()
    const records = ramRecords()
    const mine = await open(till, { records })
    const other = await open(till, { records })
    const { sys } = await start(mine, { runId: 'r' })
    await mine.clock.settle()
    await sys.call('till.pay', { amount: 1 })
    await settled(records, 'r')
    await expect(other.undo('r')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(till.back).toEqual([])
  })

  it('is known, and of a kernel with a journal', async () => {
    const kernel = await open(new Till())
    await expect(kernel.undo(99)).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
    await expect(kernel.undo('nothing')).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await kernel.run(spender, [1], { runId: 'r' })
    await expect(kernel.undo('r/7')).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await expect(kernel.undo({} as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await expect(kernel.undo('r', { force: true } as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    const plain = await testBed()
    await expect(plain.undo('r')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })

  it('keeps its marks no longer than the run', async () => {
    const records = ramRecords()
    const kernel = await open(new Till(), { records, journal: { keepRuns: 1 } })
    await kernel.run(spender, [1], { runId: 'r' })
    await kernel.undo('r')
    expect(await records.size('journal/undone')).toMatchObject({ records: 1 })
    for (const runId of ['s', 't', 'u']) await kernel.run(spender, [], { runId })
    await kernel.clock.settle()
    await kernel.clock.settle()
    await expect(readRun(records, 'r')).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    expect(await records.size('journal/undone')).toMatchObject({ records: 0 })
  })
})

describe('compensate of a syscall', () => {
  it('is a function', () => {
    const seed = { name: 'till.odd', request: z.object({}), execute: () => 1 }
    expect(() => defineSyscall({ ...seed, compensate: 'undo' as never })).toThrow(
      'Expected a function for "compensate"',
    )
  })
})

/** Waits until a run is in the store. */
async function settled(records: RecordStore, runId: string): Promise<void> {
  while ((await readRun(records, runId)).lines.length < 2) await Promise.resolve()
}

describe('an undo of what a detached process did', () => {
  const pays: Agent<unknown, unknown> = async (sys) => {
    await sys.call('till.pay', { amount: 2 })
    await sys.clock.sleep({ ms: 60_000 })
    await sys.call('till.pay', { amount: 3 })
  }
  const leaves: Agent<unknown, unknown> = async (sys) => {
    await sys.agent.spawn({ name: 'pays', detached: true, agent: pays })
    await sys.call('till.pay', { amount: 1 })
    await sys.clock.sleep({ ms: 10 })
  }

  it('is refused while that goes on, and undoes each call once, whichever of its runs is undone', async () => {
    const till = new Till()
    const kernel = await testBed({ journal: true, syscalls: till.rows() })
    void kernel.run(leaves, '', { runId: 'r', name: 'leaves' })
    await kernel.clock.advance(1_000)
    await expect(kernel.undo('r')).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringContaining('(pays), which goes on') as string,
    })
    await kernel.clock.advance(60_000)
    const { undone } = await kernel.undo('r/orphan-1')
    expect(undone.map(({ id }) => id)).toEqual(['r/1.3', 'r/1.1'])
    expect(till.paid()).toEqual([3, 2])
    const { undone: rest } = await kernel.undo('r')
    expect(rest.map(({ id }) => id)).toEqual(['r/2'])
    expect(till.paid()).toEqual([3, 2, 1])
  })
})
