// Lives one life of a run after another, each as it is ordered, until it is told to die in one.
import type { Agent, Kernel } from '@aios/kernel'
import { AiosError } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel/driver'
import { lmdbRecords } from '@aios/storage/lmdb'
import { redisRecords } from '@aios/storage/redis'
import { writeSync } from 'node:fs'
import { createClient } from 'redis'
import { DYING_AGENTS } from '../../kernel/journal/dying-agents.js'
import { Ledger } from './ledger.js'
import { mortalKernel, truth, type Ground } from './mortal-kernel.js'

/** Is one life of a run. */
export interface LifeOrder {
  readonly store: 'lmdb' | 'redis'
  /** Directory, or socket and prefix. */
  readonly place: string
  readonly ledger: string
  readonly agent: string
  /** Number of the moment at which the process is killed; without it the run goes to its end. */
  readonly diesAt?: number | undefined
  /** Whether the run was begun by another process, and is recovered. */
  readonly again: boolean
}

/** Is what came of it. */
export type LifeReport =
  | { readonly died: string }
  | {
      readonly answer: unknown
      /** Moments that it had. */
      readonly moments: number
      /** Whether the run stopped for want of an answer what became of a call. */
      readonly stopped: boolean
      /** Calls of which that was asked. */
      readonly asked: readonly string[]
    }
  | { readonly failed: string }

const INPUT = 'hello'

function storeOf({ store, place }: LifeOrder): RecordStore {
  if (store === 'lmdb') return lmdbRecords(place)
  const [path = '', prefix = ''] = place.split(' ')
  return redisRecords(createClient({ socket: { path, tls: false } }), { prefix })
}

/** Says something at once: nothing is said later by who is killed. */
function say(report: LifeReport): void {
  writeSync(1, `${JSON.stringify(report)}\n`)
}

/** Takes a run up, first without anybody who knows what became of its calls. */
async function takeUp(
  kernel: Kernel,
  it: Agent<string, unknown>,
  ledger: Ledger,
): Promise<{ readonly answer: unknown; readonly stopped: boolean; readonly asked: readonly string[] }> {
  const asked: string[] = []
  let stopped = false
  const first = await kernel.recover({ agents: { it } })
  try {
    const [process] = first.processes
    if (process !== undefined) return { answer: await process.result, stopped, asked }
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_OUTCOME_UNKNOWN')) throw error
    stopped = true
    const tell = truth(ledger)
    const second = await kernel.recover({
      agents: { it },
      onUnknown: (call) => {
        asked.push(JSON.stringify(call.request))
        return tell(call)
      },
    })
    return { answer: await second.processes[0]?.result, stopped, asked }
  }
  // It had ended, or its beginning was not durable.
  return { answer: await kernel.run(it, INPUT, { runId: 'run', name: 'it' }), stopped, asked }
}

async function live(order: LifeOrder): Promise<LifeReport> {
  const ledger = new Ledger(order.ledger)
  let moments = 0
  const moment: Ground['moment'] = (where) => {
    moments += 1
    if (moments !== order.diesAt) return
    say({ died: where })
    process.kill(process.pid, 'SIGKILL')
  }
  const kernel = await mortalKernel({ store: storeOf(order), ledger, moment })
  const agent = DYING_AGENTS[order.agent] as Agent<string, unknown>
  const lived = order.again
    ? await takeUp(kernel, agent, ledger)
    : { answer: await kernel.run(agent, INPUT, { runId: 'run', name: 'it' }), stopped: false, asked: [] }
  await kernel.close()
  return { ...lived, moments }
}

process.on('message', (order) => {
  live(order as LifeOrder).then(say, (error: unknown) => {
    say({ failed: error instanceof Error ? `${String(error)}\n${String(error.stack)}` : String(error) })
  })
})
