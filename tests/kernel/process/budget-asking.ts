/** Asking a core under a budget, in one line. */
import type { Budget, Sys, SyscallOptions } from '@aios/kernel'
import { heldCore, heldMemory, noteOf, reply, watch, type HeldCoreOptions, type Watched } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'

type Ask = { readonly out?: number; readonly model?: string } & SyscallOptions

/** Asks for at most `out` tokens. */
export function ask(sys: Sys, content: string, { out, model, ...options }: Ask = {}): Watched {
  const request = { messages: [{ role: 'user' as const, content }], ...(model !== undefined && { model }) }
  return watch(sys.llm.chat({ ...request, ...(out !== undefined && { maxOutputTokens: out }) }, options))
}

/** A process with a budget before a core that takes every input for 10 tokens. */
export async function bed(budget: Budget, core: HeldCoreOptions = {}) {
  const llm = heldCore({ estimate: () => 10, ...core })
  const kernel = await testBed({ llm, memory: heldMemory({ onCall: noteOf }) })
  const a = await start(kernel, { budget })
  const finish = async (label: string, used: number) => {
    llm.held.succeed(label, reply(used, 0))
    await kernel.clock.settle()
  }
  return { kernel, llm, held: llm.held, a, sys: a.sys, finish }
}
