import { describe, expect, it } from 'vitest'
import { AiosError, roundRobin } from '@aios/kernel'
import { createTestKernel, recordEvents, type TestKernel } from '@aios/kernel/testing'
import { ask } from '../preemption/ground.js'
import { changed, engine } from './ground.js'

const POLICIES = { llm: roundRobin({ quantumTokens: 10 }) }
const BOTH = ['state', 'prefix'] as const

/** Lets time pass; a kernel that spins fails the test instead of holding it up. */
async function turns(kernel: TestKernel, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 10) await kernel.clock.advance(10)
}

describe.each(BOTH)('a call that is cut under limits of its process (%s)', (resume) => {
  it('counts as one request, however often it is cut', async () => {
    await using kernel = await createTestKernel({ llm: engine(resume), policies: POLICIES })
    // One at a time, and one a minute.
    const limited = kernel.sys({ name: 'one', limits: { rpm: 1 } })
    const call = limited.llm.chat(ask('Tell me.'))
    const other = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await turns(kernel, 1_500)
    const { meta } = await call
    expect(meta.attempts).toHaveLength(1)
    await other
    let done = false
    const next = limited.llm.chat(ask('And now?')).then(() => (done = true))
    await kernel.clock.advance(50_000)
    expect(done).toBe(false)
    await kernel.clock.advance(20_000)
    await next
    expect(kernel.clock.pending).toBe(0)
  })

  it('keeps its request spent when it is suspended off its core, and when it is killed there', async () => {
    for (const end of ['suspend', 'kill'] as const) {
      await using kernel = await createTestKernel({
        llm: engine(resume),
        policies: POLICIES,
        tenants: { one: { limits: { rpm: 1 } } },
      })
      const cut = kernel.spawn((sys) => sys.llm.chat(ask('Tell me.')), undefined, { tenant: 'one' })
      await kernel.clock.settle()
      const other = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
      await kernel.clock.advance(150)
      expect(kernel.ps().find(({ pid }) => pid === cut.pid)?.state).toBe('runnable')
      cut[end]()
      let done = false
      const next = kernel.sys({ name: 'next', tenant: 'one' }).llm.chat(ask('And now?'))
      void next.then(() => (done = true))
      await kernel.clock.advance(50_000)
      expect(done).toBe(false)
      if (end === 'kill') await expect(cut.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
      else cut.resume()
      await kernel.clock.runAll()
      await Promise.all([next, other])
      expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
      expect(kernel.clock.pending).toBe(0)
    }
  })
})

describe('a call that is cut', () => {
  it('gives the tokens back to its core that it did not write, so that its next slice need not wait a minute', async () => {
    await using kernel = await createTestKernel({ llm: engine('prefix', { tpm: 1_000 }), policies: POLICIES })
    const calls = ['one', 'two'].map((name) =>
      kernel.sys({ name }).llm.chat({ ...ask('Tell me.'), maxOutputTokens: 300 }),
    )
    await kernel.clock.runAll()
    await Promise.all(calls)
    expect(kernel.clock.now()).toBeLessThan(8_000)
  })

  it('gives its reservation back when a hook answers in its place', async () => {
    await using kernel = await createTestKernel({ llm: engine('state'), policies: POLICIES })
    const around = (_: unknown, next: () => unknown): Promise<unknown> =>
      Promise.race([next(), new Promise((resolve) => kernel.clock.after(150, () => void resolve('early')))])
    const sys = kernel.sys({ name: 'one', budget: { tokens: 150 } })
    const unhook = kernel.use({ around }, 'llm.chat')
    const first = sys.llm.chat({ ...ask('Tell me.'), maxOutputTokens: 100 })
    unhook()
    const other = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.advance(160)
    expect(await first).toBe('early')
    await kernel.clock.runAll()
    await other
    const second = sys.llm.chat({ ...ask('Tell me.'), maxOutputTokens: 100 })
    await kernel.clock.runAll()
    expect(kernel.stats().outstanding).toBe(0)
    expect((await second).usage.output.total).toBe(40)
  })

  it('begins anew when it fails in a later slice: usage and attempts are of the answer alone', async () => {
    const core = engine('prefix')
    let failed = false
    const llm = changed(core, {
      async *stream(request, call) {
        for await (const part of core.stream?.(request, call) ?? []) {
          if (!failed && request.messages.at(-1)?.role === 'assistant' && part.type === 'text-delta') {
            failed = true
            throw new AiosError('AIOS_LLM_SERVER', 'It failed.')
          }
          yield part
        }
      },
    })
    await using kernel = await createTestKernel({ llm, policies: POLICIES })
    const events = recordEvents(kernel, 'syscall:retried')
    const one = kernel.sys({ name: 'one' }).llm.chat(ask('Tell me.'))
    const two = kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))
    await kernel.clock.runAll()
    const { text, usage, meta } = await one
    await two
    expect(events.names).toEqual(['syscall:retried'])
    expect(text).toBe(core.answerTo(ask('Tell me.')))
    expect(usage.output.total).toBe(40)
    const [before, last] = meta.attempts
    expect(last?.startedAt).toBeGreaterThanOrEqual(before?.endedAt ?? Number.NaN)
  })

  it('is not cut for calls that a core which was found down would not be given', async () => {
    const core = engine('state', { concurrency: 2, maxAttempts: 1, breaker: { failures: 1, openMs: 20 } })
    let calls = 0
    const llm = changed(core, {
      async *stream(request, call) {
        calls += 1
        if (calls === 2) throw new AiosError('AIOS_LLM_SERVER', 'It failed.')
        // The probe is silent for longer than the first call takes.
        if (calls === 3) await new Promise<void>((resolve) => kernel.clock.after(1_000, resolve))
        yield* core.stream?.(request, call) ?? []
      },
    })
    await using kernel = await createTestKernel({ llm, policies: POLICIES })
    const events = recordEvents(kernel, 'syscall:preempted')
    const long = kernel.sys({ name: 'one' }).llm.chat(ask('Tell me.'))
    await kernel.clock.advance(15)
    await expect(kernel.sys({ name: 'two' }).llm.chat(ask('Tell me more.'))).rejects.toMatchObject({
      code: 'AIOS_LLM_SERVER',
    })
    const waiting = ['three', 'four'].map((name) => kernel.sys({ name }).llm.chat(ask('And?')))
    await kernel.clock.advance(450)
    expect(events.names).toEqual([])
    expect((await long).meta.executionMs).toBe(400)
    await kernel.clock.runAll()
    await Promise.all(waiting)
  })
})

describe('a core that was found down', () => {
  it('is there again with the first part of the probe, not only with its end', async () => {
    const core = engine('state', { concurrency: 2, maxAttempts: 1, breaker: { failures: 1, openMs: 100 } })
    let isDown = true
    const llm = changed(core, {
      stream: (request, call) => {
        if (isDown) throw new AiosError('AIOS_LLM_SERVER', 'It failed.')
        return core.stream?.(request, call) ?? []
      },
    } as Partial<typeof core>)
    await using kernel = await createTestKernel({ llm })
    const events = recordEvents(kernel, 'core:recovered')
    await kernel
      .sys()
      .llm.chat(ask('Tell me.'))
      .catch(() => undefined)
    isDown = false
    const calls = ['one', 'two'].map((name) => kernel.sys({ name }).llm.chat(ask('Tell me.')))
    await kernel.clock.runAll()
    expect(events.of('core:recovered').map(({ downMs }) => downMs)).toEqual([100])
    expect((await Promise.all(calls)).map(({ meta }) => meta.waitMs)).toEqual([100, 100])
  })

  it('stays in the row of its failures when it fails after its first part', async () => {
    const core = engine('state', { maxAttempts: 1, breaker: { failures: 2 } })
    const llm = changed(core, {
      async *stream() {
        await Promise.resolve()
        yield { type: 'text-delta', id: '0', text: 'I' }
        throw new AiosError('AIOS_LLM_NETWORK', 'It broke off.')
      },
    })
    await using kernel = await createTestKernel({ llm })
    const events = recordEvents(kernel, 'core:tripped')
    for (let n = 0; n < 2; n += 1)
      await kernel
        .sys()
        .llm.chat(ask('Tell me.'))
        .catch(() => undefined)
    expect(events.names).toEqual(['core:tripped'])
  })
})
