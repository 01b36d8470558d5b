import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

const one = { concurrency: 1 }

/** A memory lane with one slot, and a hook on memory.add that does what it is told around each call. */
async function bed(around: (next: () => Promise<unknown>) => unknown, limits: { depth?: number } = {}) {
  const memory = heldMemory({ limits: { ...one, ...limits } })
  const kernel = await testBed({ memory })
  const a = await start(kernel)
  kernel.use({ around: (_call, next) => around(next as () => Promise<unknown>) }, 'memory.add')
  const add = (content: string, options = {}) => watch(a.sys.memory.add({ content }, options))
  return { kernel, memory: memory.held, a, add }
}

describe('a hook that answers without waiting for the call', () => {
  it('takes a queued call out of its lane', async () => {
    let answer!: (value: string) => void
    const { kernel, memory, a, add } = await bed((next) => {
      void next()
      return new Promise((resolve) => (answer = resolve))
    })
    void watch(a.sys.memory.get({ id: 'busy' }))
    const call = add('queued')
    await kernel.clock.settle()
    answer('cached')
    await kernel.clock.settle()
    expect([call.value, kernel.stats().lanes[0]!.queued]).toEqual(['cached', 0])
    memory.succeed('busy')
    await kernel.clock.settle()
    expect([memory.started, kernel.stats().lanes[0]!.running]).toEqual([['busy'], 0])
  })

  it('has the driver of a running call told to stop, and gives its slot to the next in time', async () => {
    const answers: ((value: string) => void)[] = []
    const race = (next: () => Promise<unknown>) =>
      Promise.race([next(), new Promise<string>((resolve) => answers.push(resolve))])
    const { kernel, memory, add } = await bed(race)
    const [first, second] = [add('first'), add('second')]
    await kernel.clock.settle()
    answers[0]!('instead')
    await kernel.clock.settle()
    expect([first.value, memory.aborted, memory.running]).toEqual(['instead', ['first'], ['first']])
    await kernel.clock.advance(5_000)
    expect(memory.running).toEqual(['first', 'second'])
    memory.succeed('second', noteOf('second'))
    await kernel.clock.settle()
    expect(second.value).toEqual(noteOf('second'))
  })
})

describe('around', () => {
  it('sees also what the kernel itself refuses, and may answer in its place', async () => {
    const { kernel, add } = await bed((next) => next().catch((error: { code: string }) => `instead of ${error.code}`), {
      depth: 0,
    })
    const [running, refused] = [add('running'), add('refused')]
    await kernel.clock.settle()
    expect([running.outcome, refused.value]).toEqual(['pending', 'instead of AIOS_QUEUE_FULL'])
  })

  it('is not left waiting when the call is cancelled, though its answer no longer counts', async () => {
    const ends: unknown[] = []
    const { kernel, a, add } = await bed(async (next) => {
      try {
        return await next()
      } catch (error) {
        ends.push((error as { code: string }).code)
        return 'never mind'
      }
    })
    const calls = [add('running'), add('queued', { deadlineMs: 5 })]
    await kernel.clock.advance(5)
    a.process.kill()
    await kernel.clock.settle()
    expect(ends).toEqual(['AIOS_DEADLINE_EXCEEDED', 'AIOS_PROCESS_KILLED'])
    expect(calls.map(({ outcome }) => outcome)).toEqual(['AIOS_PROCESS_KILLED', 'AIOS_DEADLINE_EXCEEDED'])
  })

  it('sees a wait that would close a cycle', async () => {
    const kernel = await testBed({ tools: heldTools() })
    const seen: unknown[] = []
    kernel.use({
      around: (_call, next) => (next() as Promise<unknown>).catch((error: unknown) => void seen.push(error)),
    })
    const a = await start(kernel)
    const waiting = watch(a.sys.agent.wait({ pid: a.process.pid }))
    await kernel.clock.settle()
    expect([seen, waiting.outcome]).toEqual([[expect.objectContaining({ code: 'AIOS_WAIT_CYCLE' })], 'fulfilled'])
  })
})
