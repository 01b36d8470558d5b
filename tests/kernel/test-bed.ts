/** A kernel on a virtual clock that is closed after the test, and agents that do what the test says. */
import type { Agent, AgentProcess, Kernel, KernelOptions, SpawnOptions, Sys } from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { onTestFinished } from 'vitest'

/** Closes a kernel and lets the time pass that its drivers need to let go. */
export async function shut(kernel: TestKernel): Promise<void> {
  const closed = kernel.close()
  await kernel.clock.runAll()
  await closed
}

/** Boots a kernel that is closed when the test is over. */
export async function testBed(options: KernelOptions = {}): Promise<TestKernel> {
  const kernel = await createTestKernel(options as Parameters<typeof createTestKernel>[0])
  onTestFinished(() => shut(kernel))
  return kernel
}

/** Is an agent function that waits for a test to say how it ends. */
export interface Puppet {
  readonly agent: Agent<unknown, unknown>
  /** The syscalls of the process, once it runs. */
  readonly sys: Sys
  /** What the agent was called with. */
  readonly input: unknown
  returns(value?: unknown): void
  throws(error: unknown): void
}

/** Makes an agent function for one process. */
export function puppet(): Puppet {
  let given: { readonly sys: Sys; readonly input: unknown } | undefined
  let end: { readonly resolve: (value: unknown) => void; readonly reject: (error: unknown) => void }
  const result = new Promise<unknown>((resolve, reject) => {
    end = { resolve, reject }
  })
  const running = () => {
    if (given === undefined) throw new Error('The agent does not run yet.')
    return given
  }
  return {
    agent: (sys, input) => {
      given = { sys, input }
      return result
    },
    get sys() {
      return running().sys
    },
    get input() {
      return running().input
    },
    returns: (value) => {
      end.resolve(value)
    },
    throws: (error) => {
      end.reject(error)
    },
  }
}

/** Is a puppet with the process that it is. */
export interface RunningPuppet extends Puppet {
  readonly process: AgentProcess
}

/** Starts a process that does what the test says. */
export async function start(kernel: TestKernel, options: SpawnOptions = {}): Promise<RunningPuppet> {
  const made = puppet()
  const process = kernel.spawn(made.agent, undefined, options)
  await kernel.clock.settle()
  return Object.defineProperties({ process } as RunningPuppet, Object.getOwnPropertyDescriptors(made))
}

/** Starts a child of a process, or of the call that a `sys` is for. */
export async function startChild(
  kernel: TestKernel,
  sys: Sys,
  options: SpawnOptions = {},
): Promise<Puppet & { readonly pid: number }> {
  const made = puppet()
  const { pid } = await sys.agent.spawn({ agent: made.agent, ...options })
  await kernel.clock.settle()
  return Object.defineProperties({ pid } as Puppet & { pid: number }, Object.getOwnPropertyDescriptors(made))
}

/** Returns the row of a process in `ps()`. */
export function row(kernel: Kernel, pid: number): ReturnType<Kernel['ps']>[number] {
  const found = kernel.ps().find((each) => each.pid === pid)
  if (found === undefined) throw new Error(`ps() does not show process ${pid}.`)
  return found
}
