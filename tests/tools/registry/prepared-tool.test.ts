import { getEventListeners } from 'node:events'
import { AiosError } from '@aios/kernel'
import { fakeDriverCall } from '@aios/kernel/testing'
import { calculator, clock, defineTool, fileTools, memoryTools, type ToolContext } from '@aios/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openTools, rejection } from '../open-tools.js'

type Execute = (input: unknown, context: ToolContext) => unknown

const toolOf = (execute: Execute, more: object = {}) =>
  defineTool({ name: 't', description: 'Tests.', input: z.object({}), execute, timeoutMs: 100, ...more })
const open = (execute: Execute, more: object = {}) => openTools([toolOf(execute, more)])
const never = () => new Promise<never>(() => undefined)

/** A promise with its ends in the open. */
function deferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}

describe('a tool that is idempotent', () => {
  it('says so of each of its calls; others do not', async () => {
    for (const [more, idempotent] of [
      [{}, false],
      [{ idempotent: false }, false],
      [{ idempotent: true }, true],
    ] as const) {
      const { driver } = open(() => 1, more)
      expect(await driver.prepare('local/t', {}, fakeDriverCall())).toMatchObject({ idempotent })
    }
    expect(() => toolOf(() => 1, { idempotent: 'yes' })).toThrow(
      'Expected true or false for "idempotent" of the tool "t"',
    )
  })

  it('is each of the built-in ones that only read', () => {
    const all = [calculator(), clock(), ...fileTools(), ...memoryTools()]
    expect(all.filter((tool) => tool.idempotent).map(({ name }) => name.slice(8))).toEqual([
      'calculator',
      'clock',
      'list_files',
      'read_file',
      'search_files',
      'file_info',
      'recall',
    ])
  })
})

describe('a result', () => {
  it('of a tool that returns no promise comes at once, without timer or signal', async () => {
    const { driver, clock } = open(() => ({ n: 1 }))
    const call = Object.defineProperty(fakeDriverCall(), 'signal', {
      get: () => {
        throw new Error('touched')
      },
    })
    const prepared = await driver.prepare('local/t', {}, call)
    expect(prepared.run(call)).toEqual({ n: 1 })
    expect(clock.pending).toBe(0)
  })

  it('of a promise, or of anything with then, is awaited', async () => {
    expect(await open(async () => 7).call('t')).toBe(7)
    expect(
      await open(() => ({
        then: (done: (n: number) => void) => {
          done(8)
        },
      })).call('t'),
    ).toBe(8)
  })

  it('whose schema answers later is awaited within the time limit', async () => {
    const output = z.number().refine(async (n) => n > 1)
    expect(await open(() => 2, { output }).call('t')).toBe(2)
    const slow = open(() => 2, { output: z.number().refine(never) })
    const ended = rejection(slow.call('t'))
    await slow.clock.advance(100)
    expect(await ended).toMatchObject({ code: 'AIOS_TOOL_TIMEOUT' })
  })
})

it('lets go of the signal of the caller when the tool has settled, whichever way', async () => {
  const executes: Execute[] = [
    () => 1,
    async () => 1,
    () => {
      throw new Error('now')
    },
    async () => {
      throw new Error('later')
    },
  ]
  for (const execute of executes) {
    const caller = new AbortController()
    const asking: Execute = (input, context) => {
      expect(context.signal.aborted).toBe(false)
      return execute(input, context)
    }
    await open(asking)
      .call('t', {}, { signal: caller.signal })
      .catch(() => undefined)
    expect(getEventListeners(caller.signal, 'abort').length).toBe(0)
  }
})

describe('a failure', () => {
  it('is wrapped with its cause, thrown at once or later', async () => {
    const cause = new Error('no luck')
    for (const execute of [
      () => {
        throw cause
      },
      async () => {
        throw cause
      },
    ]) {
      expect(await rejection(open(execute).call('t'))).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause })
    }
  })

  it('of a nested syscall is wrapped too, so that its code is not taken for one of the call itself', async () => {
    for (const code of [
      'AIOS_NOT_FOUND',
      'AIOS_INVALID_TOOL_INPUT',
      'AIOS_PROCESS_KILLED',
      'AIOS_TOOL_TIMEOUT',
    ] as const) {
      const cause = new AiosError(code, 'nested')
      const error = await rejection(
        open(async () => {
          throw cause
        }).call('t'),
      )
      expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause, details: { tool: 'local/t', causeCode: code } })
    }
  })

  it('leaves the tool as good as before, a thousand times', async () => {
    let isCalm = false
    const { call, clock } = open(async () => {
      if (!isCalm) throw new Error('again')
      return 'calm'
    })
    for (let n = 0; n < 1_000; n += 1) await rejection(call('t'))
    isCalm = true
    expect(await call('t')).toBe('calm')
    expect(clock.pending).toBe(0)
  })
})

describe('the time limit', () => {
  it('ends the call, aborts the signal of the tool with the same error, and says how long it was', async () => {
    let signal: AbortSignal | undefined
    const { call, clock } = open((_input, context) => {
      signal = context.signal
      return never()
    })
    const ended = rejection(call('t'))
    await clock.advance(99)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    const error = await ended
    expect(error).toMatchObject({ code: 'AIOS_TOOL_TIMEOUT', retryable: true, details: { timeoutMs: 100 } })
    expect(error.message).toContain('within 100 ms')
    expect(signal?.reason).toBe(error)
  })

  it('drops what comes later, and logs that it came', async () => {
    for (const outcome of ['fulfilled', 'rejected']) {
      const { promise, resolve, reject } = deferred<number>()
      const { call, clock, log } = open(() => promise)
      const ended = rejection(call('t'))
      await clock.advance(100)
      if (outcome === 'fulfilled') resolve(1)
      else reject(new Error('late'))
      await clock.settle()
      expect(await ended).toMatchObject({ code: 'AIOS_TOOL_TIMEOUT' })
      expect(log).toEqual([{ message: expect.stringContaining('dropped'), fields: { tool: 'local/t', outcome } }])
    }
  })

  it('is kept by no timer once the tool has settled', async () => {
    const { promise, resolve } = deferred<number>()
    const { call, clock } = open(() => promise)
    const result = call('t')
    await clock.settle()
    expect(clock.pending).toBe(1)
    resolve(1)
    await result
    expect(clock.pending).toBe(0)
  })

  it('may be infinite', async () => {
    const { promise, resolve } = deferred<number>()
    const { call, clock } = open(() => promise, { timeoutMs: Infinity })
    const result = call('t')
    await clock.advance(1e12)
    resolve(1)
    expect(await result).toBe(1)
  })
})

describe('a cancelled call', () => {
  it('ends with the reason itself, whatever the tool makes of it', async () => {
    for (const ending of ['throws', 'returns'] as const) {
      const { promise, resolve, reject } = deferred<number>()
      const caller = new AbortController()
      const { call, clock } = open((_input, { signal }) => {
        signal.addEventListener('abort', () => {
          if (ending === 'returns') resolve(1)
          else reject(new Error('stopped'))
        })
        return promise
      })
      const ended = rejection(call('t', {}, { signal: caller.signal }))
      await clock.settle()
      const reason = new AiosError('AIOS_PROCESS_KILLED', 'killed')
      caller.abort(reason)
      expect(await ended).toBe(reason)
      expect([clock.pending, getEventListeners(caller.signal, 'abort').length]).toEqual([0, 0])
    }
  })

  it('ends with the reason too if the tool throws at once', async () => {
    const caller = new AbortController()
    const { call } = open(() => {
      caller.abort('over')
      throw new Error('stopped')
    })
    expect(await rejection(call('t', {}, { signal: caller.signal }))).toBe('over')
  })

  it('holds its locks until a tool that does not listen has settled', async () => {
    const { promise, resolve } = deferred<number>()
    const caller = new AbortController()
    const { call, clock } = open(() => promise)
    let isOver = false
    const ended = rejection(call('t', {}, { signal: caller.signal })).then((reason) => {
      isOver = true
      return reason
    })
    await clock.settle()
    caller.abort('over')
    await clock.settle()
    expect(isOver).toBe(false)
    resolve(1)
    expect(await ended).toBe('over')
  })

  it('ends with the reason at the time limit of a tool that never settles', async () => {
    const caller = new AbortController()
    const { call, clock } = open(never)
    const ended = rejection(call('t', {}, { signal: caller.signal }))
    await clock.settle()
    caller.abort('over')
    await clock.advance(100)
    expect(await ended).toBe('over')
  })
})
