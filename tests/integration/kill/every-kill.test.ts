/**
 * Kills real processes, by SIGKILL, at each operation of the store and within each effect of a run, and has it taken up by
 * another process: it must end as if nothing had happened. The short version takes moments that are spread over all agents.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DYING_AGENTS } from '../../kernel/journal/dying-agents.js'
import { RedisServer } from '../../storage/redis/redis-server.js'
import { isProof, runs } from '../../setup/runs.js'
import { Ledger } from './ledger.js'
import type { LifeOrder, LifeReport } from './mortal-child.js'
import { Mortals } from './mortals.js'

type Store = LifeOrder['store']
type Whole = Extract<LifeReport, { readonly answer: unknown }>

const NAMES = Object.keys(DYING_AGENTS)
/** Kills of each agent on each store in the gate. */
const FEW = 2

let mortals: Mortals
let redis: RedisServer
let worlds = 0

beforeAll(async () => {
  ;[mortals, redis] = await Promise.all([Mortals.start(), RedisServer.start()])
}, 60_000)
afterAll(async () => {
  await Promise.all([mortals.close(), redis.close()])
})

/** Makes a world in which nothing has happened. */
async function world(store: Store, agent: string): Promise<Omit<LifeOrder, 'again'> & { readonly outside: Ledger }> {
  worlds += 1
  const folder = join(mortals.folder, `world-${worlds}`)
  await mkdir(folder)
  const ledger = join(folder, 'ledger')
  const place = store === 'lmdb' ? join(folder, 'records') : `${redis.socket} world-${worlds}:`
  return { store, agent, place, ledger, outside: new Ledger(ledger) }
}

/** Is what a run came to, and what it did to the world. */
function endOf({ answer }: Whole, outside: Ledger): Record<string, unknown> {
  // A model may be asked again, but nothing else, and nothing less.
  return { answer, puts: outside.of('put'), sends: outside.of('send'), asks: [...new Set(outside.of('ask'))] }
}

/** Kills a run at the moments given, one in each life, then lets it end; returns undefined if it ended before the last. */
async function killed(store: Store, agent: string, moments: readonly number[]): Promise<unknown> {
  const { outside, ...order } = await world(store, agent)
  const died: string[] = []
  for (const diesAt of moments) {
    const report = await mortals.live({ ...order, diesAt, again: died.length > 0 })
    if ('failed' in report) throw new Error(`killed ${died.join(', ')}: ${report.failed}`)
    if ('answer' in report) return undefined
    died.push(report.died)
  }
  const last = await mortals.live({ ...order, again: true })
  if (!('answer' in last)) throw new Error(`killed ${died.join(', ')}: ${JSON.stringify(last)}`)
  // Who was killed within what must not be done twice went on only when somebody had said what became of it.
  const isUnknown = /(before|within|after) (send|store)$/.test(died.at(-1) ?? '')
  const rightly = { died, asked: last.stopped && last.asked.length > 0 }
  if (isUnknown) expect(rightly).toEqual({ died, asked: true })
  return { died, ...endOf(last, outside) }
}

async function unbroken(store: Store, agent: string): Promise<Whole & { readonly end: Record<string, unknown> }> {
  const { outside, ...order } = await world(store, agent)
  const report = await mortals.live({ ...order, again: false })
  if (!('answer' in report)) throw new Error(JSON.stringify(report))
  return { ...report, end: endOf(report, outside) }
}

/** The moments at which an agent is killed: all, or some that differ from agent to agent. */
function momentsOf(count: number, index: number): readonly number[] {
  if (isProof) return Array.from({ length: count + 5 }, (_, at) => at + 1)
  const step = count / FEW
  return Array.from(
    { length: FEW },
    (_, at) => 1 + Math.floor((at + ((index * 7) % NAMES.length) / NAMES.length) * step),
  )
}

describe.each(['lmdb', 'redis'] as const)('a run on %s whose process is killed at any moment', (store) => {
  it.each(NAMES.map((name, index) => [name, index] as const))(
    'ends as if nothing had happened: %s',
    async (name, index) => {
      const whole = await unbroken(store, name)
      expect(whole.moments).toBeGreaterThan(20)
      let kills = 0
      for (const moment of momentsOf(whole.moments, index)) {
        // Some of those that took it up are killed, too.
        const lives =
          isProof && moment % 3 === 0 ? [[moment], [moment, 1 + ((moment * 13) % whole.moments)]] : [[moment]]
        for (const moments of lives) {
          const after = await killed(store, name, moments)
          if (after === undefined) continue
          kills += moments.length
          expect(after).toMatchObject(whole.end)
        }
      }
      if (isProof) console.log(`${store}, ${name}: ${kills} kills at ${whole.moments} moments`)
      expect(kills).toBeGreaterThan(0)
    },
    runs(60_000, 3_600_000),
  )
})
