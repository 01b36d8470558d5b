import { describe, expect, it } from 'vitest'
import { heldMemory, noteOf } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

describe('the handle of a process', () => {
  it('shows who it is and what it does, always as it is now', async () => {
    const kernel = await testBed({ memory: heldMemory({ onCall: noteOf }) })
    const { process, sys, returns } = await start(kernel, { name: 'a' })
    expect([process.pid, process.parentPid, process.name, process.state]).toEqual([1, 0, 'a', 'sleeping'])
    const before = process.usage
    await sys.memory.add({ content: 'x' })
    expect([before.calls, process.usage.calls]).toEqual([0, 1])
    returns(42)
    expect(await process.result).toBe(42)
    expect(process.state).toBe('exited')
  })

  it('gives the same promise of the result each time', async () => {
    const kernel = await testBed()
    const { process, returns } = await start(kernel)
    expect(process.result).toBe(process.result)
    returns()
  })

  it('says in the error why it was killed, in a few words', async () => {
    const kernel = await testBed()
    const message = async (...reason: unknown[]) => {
      const { process } = await start(kernel, { name: 'a' })
      process.kill(...reason)
      return process.result.catch((error: unknown) => (error as Error).message.replace(/^Process \d+/, 'Process'))
    }
    expect(await message()).toBe('Process (a) was killed.')
    expect(await message('over')).toBe('Process (a) was killed: "over".')
    expect(await message(new Error('over'))).toBe('Process (a) was killed: over.')
    expect(await message({ a: 1 })).toBe('Process (a) was killed: an object with 1 keys.')
  })

  it('tells its result to whoever first asks for it after the end', async () => {
    const kernel = await testBed()
    const [well, ill] = [await start(kernel), await start(kernel)]
    well.returns(42)
    ill.throws(new Error('it broke'))
    await kernel.clock.settle()
    expect(await well.process.result).toBe(42)
    await expect(ill.process.result).rejects.toThrow('it broke')
  })

  it('never makes a result that was asked for an unhandled rejection, before the end or after it', async () => {
    const kernel = await testBed()
    const { process: early, throws } = await start(kernel)
    const { process: late, throws: throwsToo } = await start(kernel)
    // Nobody handles them; vitest fails the run if they are reported.
    void early.result
    throws(new Error('nobody looks'))
    throwsToo(new Error('nobody looks'))
    await kernel.clock.settle()
    void late.result
    await new Promise(setImmediate)
    expect([early.state, late.state]).toEqual(['exited', 'exited'])
  })

  it('never makes its result an unhandled rejection', async () => {
    const kernel = await testBed()
    const { throws } = await start(kernel)
    // Nobody looks at the result; vitest fails the run if it is reported.
    throws(new Error('nobody looks'))
    await kernel.clock.settle()
    expect(kernel.ps()[0]!.outcome).toBe('error')
  })
})
