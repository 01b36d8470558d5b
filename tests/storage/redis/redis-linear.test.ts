import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from './redis-server.js'
import type { RegisterStep } from './register.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

let server: RedisServer

/** Runs the writers in a process of their own. */
async function writersOf(path: string): Promise<RegisterStep[]> {
  const program = fileURLToPath(new URL('register.ts', import.meta.url))
  const flags = [...NODE_ARGUMENTS]
  const child = spawn(process.execPath, [...flags, program], {
    env: { ...process.env, AIOS_REGISTER: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(code).toBe(0)
  return JSON.parse(said) as RegisterStep[]
}

/** Puts the versions of a register in the order in which each replaced the one before. */
function orderOf(steps: readonly RegisterStep[]): Map<number, number> {
  const next = new Map<number, number>()
  for (const { replaced, version } of steps) {
    if (replaced === undefined) continue
    expect(next.has(replaced), `version ${replaced} was replaced twice`).toBe(false)
    next.set(replaced, version)
  }
  const order = new Map([[0, 0]])
  for (let version = next.get(0); version !== undefined; version = next.get(version)) order.set(version, order.size)
  expect(order.size, 'every write follows another').toBe(next.size + 1)
  return order
}

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

describe('redisRecords in two processes', () => {
  it('lets 16 writers see one register, in an order that agrees with time, while connections are cut', async () => {
    const cuts = server.cutting(20)
    const histories = await Promise.all([writersOf(server.socket), writersOf(server.socket)])
    expect(await cuts.stop()).toBeGreaterThan(5)
    const steps = histories.flat()
    expect(steps.filter(({ replaced }) => replaced !== undefined)).toHaveLength(400)
    const order = orderOf(steps)
    const ended = [...steps].sort((a, b) => a.ended - b.ended)
    const began = [...steps].sort((a, b) => a.began - b.began)
    let newest = 0
    let at = 0
    for (const step of began) {
      for (; ended[at]!.ended < step.began; at += 1) newest = Math.max(newest, order.get(ended[at]!.version)!)
      const place = order.get(step.version)!
      // Whoever begins after another ended sees at least what that one saw, and writes after it.
      expect(place).toBeGreaterThanOrEqual(step.replaced === undefined ? newest : newest + 1)
    }
  }, 60_000)
})
