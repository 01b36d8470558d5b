import { AiosError, type AgentProcess, type Kernel, type LlmDriver, type MemoryDriver, type Sys } from '@aios/kernel'
import type { DriverCall } from '@aios/kernel/driver'
import { NOTE, memoryOf } from './no-op-devices.js'

/** Is how a call goes; the request of a call says it. */
export type Mischief = 'value' | 'promise' | 'throw' | 'reject' | 'hang' | 'deaf' | 'refuse'

const REPLY = {
  parts: [{ type: 'text' as const, text: 'Yes.' }],
  finish: { unified: 'stop' as const },
  usage: { input: { total: 1 }, output: { total: 1 } },
}

/** Does what it is told instead of what it should. */
function misbehave<T>(how: Mischief, good: T, call: DriverCall): T | Promise<T> {
  switch (how) {
    case 'value':
      return good
    case 'promise':
      return Promise.resolve(good)
    case 'throw':
      throw new Error('thrown')
    case 'reject':
      return Promise.reject(new Error('rejected'))
    case 'hang':
      return new Promise((_resolve, reject) => {
        call.signal.addEventListener('abort', () => {
          reject(new Error('heard'))
        })
      })
    case 'deaf':
      return new Promise(() => undefined)
    case 'refuse':
      return Promise.reject(new AiosError('AIOS_LLM_OVERLOADED', 'Not now.', { retryable: true }))
  }
}

/** Makes a memory whose `get` goes the way that its request's id says. */
export function brokenMemory(concurrency: number): MemoryDriver {
  return memoryOf(({ id }, call) => misbehave(id as Mischief, NOTE, call), concurrency)
}

/** Makes a core whose answers go the way that the question says. */
export function brokenCore(concurrency: number): LlmDriver {
  return {
    kind: 'llm',
    id: 'broken',
    model: 'broken',
    limits: { concurrency },
    chat: ({ messages }, call) => misbehave(messages[0]?.content as Mischief, REPLY, call),
  }
}

/** Is a process that lives until it is killed, and through which others make calls. */
export interface Puppet {
  readonly handle: AgentProcess<unknown>
  readonly sys: Sys
}

/** Spawns one. */
export async function puppet(kernel: Kernel): Promise<Puppet> {
  let given: Sys | undefined
  const handle = kernel.spawn((sys) => {
    given = sys
    return new Promise(() => undefined)
  }, undefined)
  while (given === undefined) await Promise.resolve()
  return { handle, sys: given }
}
