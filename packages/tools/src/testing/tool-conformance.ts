import type { PreparedToolCall, ToolDriver } from '@aios/kernel/driver'
import {
  check,
  checkRejects,
  fakeDriverCall,
  fakeDriverServices,
  virtualClock,
  type ConformanceCase,
  type VirtualClock,
} from '@aios/kernel/testing'
import { isDeepStrictEqual } from 'node:util'
import type { Tool } from '../registry/tool.js'
import { conformanceTools, type ToolProbe } from './conformance-tools.js'

/** Is a driver under test with what its tools have seen. */
interface Bench {
  readonly driver: ToolDriver
  readonly clock: VirtualClock
  readonly probe: ToolProbe
  /** Prepares a call. */
  prepare(name: string, input?: unknown, signal?: AbortSignal): Promise<PreparedToolCall>
  /** Prepares and runs a call. */
  call(name: string, input?: unknown, signal?: AbortSignal): Promise<unknown>
}

/** Watches a call that is not awaited yet; without it, the failure of a bad driver would be an unhandled rejection. */
function watched(call: Promise<unknown>, clock: VirtualClock): () => Promise<unknown> {
  let reason: { readonly error: unknown } | 'nothing' | 'a result' = 'nothing'
  call.then(
    () => {
      reason = 'a result'
    },
    (error: unknown) => {
      reason = { error }
    },
  )
  return async () => {
    await clock.settle()
    if (typeof reason === 'string') throw new Error(`Expected the call to reject by now, got ${reason}.`)
    return reason.error
  }
}

type Body = (bench: Bench) => Promise<void>

async function onBench(make: (tools: readonly Tool[]) => ToolDriver | Promise<ToolDriver>, body: Body): Promise<void> {
  const clock = virtualClock()
  const probe: ToolProbe = { runs: 0, aborts: [] }
  const driver = await make(conformanceTools(probe))
  await driver.open?.(fakeDriverServices(clock))
  const prepare: Bench['prepare'] = async (name, input = {}, signal) =>
    driver.prepare(name, input, fakeDriverCall({ signal }))
  const call: Bench['call'] = async (name, input, signal) => {
    const prepared = await prepare(name, input, signal)
    return prepared.run(fakeDriverCall({ signal }))
  }
  try {
    await body({ driver, clock, probe, prepare, call })
  } finally {
    await driver.close?.()
  }
  check(clock.pending === 0, `Expected no timer to be left, got ${clock.pending}.`)
}

const NAMING: Readonly<Record<string, Body>> = {
  async 'lists its tools sorted by full name, as plain data'({ driver }) {
    const names = driver.list().map((tool) => tool.name)
    check(isDeepStrictEqual(names, [...names].sort()), `Expected sorted names, got ${names.join(', ')}.`)
    check(names.includes('test/add'), `Expected the tool "test/add" among ${names.join(', ')}.`)
    check(isDeepStrictEqual(structuredClone(driver.list()), driver.list()), 'Expected the list to be plain data.')
  },
  async 'describes each tool with source, description and an object schema'({ driver }) {
    for (const { name, source, description, inputSchema } of driver.list()) {
      check(name.startsWith(`${source}/`), `Expected the name of "${name}" to begin with its source "${source}/".`)
      check(description !== '', `Expected a description of "${name}".`)
      check(inputSchema['type'] === 'object', `Expected the input of "${name}" to be an object.`)
    }
  },
  async 'resolves a full name and a bare name that is unique'({ driver }) {
    check(driver.resolve('test/add').name === 'test/add', 'Expected the full name to resolve.')
    check(driver.resolve('add').name === 'test/add', 'Expected the bare name to resolve.')
  },
  async 'refuses a bare name that two sources share, and names both'({ driver }) {
    const error = await checkRejects((async () => driver.resolve('twin'))(), 'AIOS_NO_SUCH_TOOL')
    check(/other\/twin.*test\/twin/.test(error.message), `Expected both names in order, got: ${error.message}`)
  },
  async 'refuses an unknown name and proposes the nearest'({ driver }) {
    const error = await checkRejects((async () => driver.resolve('ad'))(), 'AIOS_NO_SUCH_TOOL')
    check(error.message.includes('test/add'), `Expected "test/add" to be proposed, got: ${error.message}`)
  },
  async 'refuses to prepare a tool it does not have'({ prepare }) {
    await checkRejects(prepare('test/none'), 'AIOS_NO_SUCH_TOOL')
  },
}

const CHECKING: Readonly<Record<string, Body>> = {
  async 'runs a tool on valid input'({ call }) {
    check((await call('test/add', { a: 2, b: 3 })) === 5, 'Expected 2 + 3 to be 5.')
  },
  async 'refuses invalid input before anything runs, and names the path'({ prepare, probe }) {
    const error = await checkRejects(prepare('test/add', { a: 2, b: 'three' }), 'AIOS_INVALID_TOOL_INPUT')
    check(/\bb\b/.test(error.message), `Expected the path "b" in the message, got: ${error.message}`)
    check(probe.runs === 0, 'Expected that the tool did not run.')
  },
  async 'validates with schemas that answer later'({ call, prepare }) {
    check((await call('test/later', { n: 1 })) === 1, 'Expected the valid input to pass.')
    await checkRejects(prepare('test/later', { n: 'one' }), 'AIOS_INVALID_TOOL_INPUT')
  },
  async 'tells conflict keys of the validated input, each once and sorted'({ prepare }) {
    const { conflictKeys } = await prepare('test/locks', { keys: ['b', 'a', 'b'] })
    check(isDeepStrictEqual(conflictKeys, ['a', 'b']), `Expected a, b, got ${conflictKeys.join(', ')}.`)
  },
  async 'hands out results that the tool can no longer change'({ call }) {
    const first = await call('test/counter')
    await call('test/counter')
    check(isDeepStrictEqual(first, { count: 1 }), `Expected the first result to stay, got ${JSON.stringify(first)}.`)
  },
  async 'refuses a result that cannot be copied'({ call }) {
    await checkRejects(call('test/function'), 'AIOS_INVALID_TOOL_OUTPUT')
  },
  async 'refuses a result that its own schema forbids'({ call }) {
    await checkRejects(call('test/liar'), 'AIOS_INVALID_TOOL_OUTPUT')
  },
}

const ENDING: Readonly<Record<string, Body>> = {
  async 'wraps what a tool throws and keeps the cause'({ call }) {
    const error = await checkRejects(call('test/throws', { message: 'no luck' }), 'AIOS_TOOL_FAILED')
    check(error.message.includes('no luck'), `Expected the message of the tool, got: ${error.message}`)
    check((error.cause as Error).message === 'no luck', 'Expected the thrown error as the cause.')
  },
  async 'still runs a tool that has thrown a thousand times'({ call }) {
    for (let n = 0; n < 1_000; n += 1) await checkRejects(call('test/throws', { message: 'again' }), 'AIOS_TOOL_FAILED')
    check((await call('test/throws', {})) === 'calm', 'Expected the call after 1,000 failures to succeed.')
  },
  async 'ends a tool that hangs at its time limit and aborts its signal'({ call, clock, probe }) {
    const reason = watched(call('test/hangs'), clock)
    await clock.advance(999)
    check(probe.aborts.length === 0, 'Expected the tool to run until its time limit.')
    await clock.advance(1)
    const error = await reason()
    await checkRejects(Promise.reject(error), 'AIOS_TOOL_TIMEOUT')
    check(probe.aborts[0] === error, 'Expected the signal of the tool to carry the same error.')
  },
  async 'rejects a cancelled call with the reason of its signal, untouched'({ call, clock, probe }) {
    const controller = new AbortController()
    const reason = watched(call('test/hangs', {}, controller.signal), clock)
    await clock.settle()
    const given = new Error('changed my mind')
    controller.abort(given)
    check((await reason()) === given, 'Expected the reason itself.')
    check(probe.aborts[0] === given, 'Expected the signal of the tool to carry it.')
  },
  async 'gives a tool who calls it, and the time of the kernel'({ call, clock }) {
    await clock.advance(5)
    const seen = await call('test/self')
    check(isDeepStrictEqual(seen, { pid: 1, agent: 'test', callId: 1, now: 5 }), `Got ${JSON.stringify(seen)}.`)
  },
  async 'ends what still runs when it closes, and closes twice'({ driver, call, clock }) {
    const reason = watched(call('test/stuck'), clock)
    await clock.settle()
    await driver.close?.()
    await checkRejects(Promise.reject(await reason()), 'AIOS_CLOSED')
    await driver.close?.()
  },
}

/**
 * Returns what every `ToolDriver` must do, as cases for any test runner.
 *
 * @param make - makes a driver that is not open yet and serves exactly the tools it is given
 * @example
 * ```ts
 * import { tools } from '@aios/tools'
 * import { toolConformance } from '@aios/tools/testing'
 *
 * for (const { name, run } of toolConformance((list) => tools(list))) console.log(name, await run())
 * ```
 */
export function toolConformance(
  make: (tools: readonly Tool[]) => ToolDriver | Promise<ToolDriver>,
): readonly ConformanceCase[] {
  return Object.entries({ ...NAMING, ...CHECKING, ...ENDING }).map(([name, body]) => ({
    name,
    run: () => onBench(make, body),
  }))
}
