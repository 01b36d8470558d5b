import type { RecordWrite } from '@aios/kernel/driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Layout } from '../../../packages/storage/src/redis/layout.js'
import { IN_FLIGHT } from '../../../packages/storage/src/redis/limits.js'
import { SCRIPTS } from '../../../packages/storage/src/redis/script.js'
import { writeCommand } from '../../../packages/storage/src/redis/write-command.js'
import { RedisServer } from './redis-server.js'

const key = new Uint8Array(Buffer.from('k'))
const put = (ifVersion?: number): RecordWrite => ({
  op: 'put',
  space: 'a',
  key,
  value: key,
  ...(ifVersion === undefined ? {} : { ifVersion }),
})
let server: RedisServer

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

/** Sends writes under a number of one session, as they are sent again after a connection broke. */
function sent(number: number, writes: readonly RecordWrite[]): Promise<unknown> {
  const [, , ...args] = writeCommand({ layout: new Layout('test:'), session: 'one', number }, writes).args
  return server.with((client) => client.sendCommand(['EVAL', SCRIPTS.write.text, ...(args as string[])]))
}

/** Returns all that the server holds. */
function all(): Promise<unknown> {
  return server.with(async (client) => {
    const names = (await client.keys('*')).sort()
    return Promise.all(names.map(async (name) => [name, (await client.sendCommand(['DUMP', name])) as unknown]))
  })
}

describe('a write that comes to Redis again', () => {
  it('is not made again, and is told what became of it at first', async () => {
    const first = await sent(1, [put(0)])
    expect(first).toMatch(/^ok \d+ 0$/)
    const before = await all()
    expect(await sent(1, [put(0)])).toBe(first)
    expect(await all()).toEqual(before)
  })

  it('is not made again after later ones, and is called late once its outcome is forgotten', async () => {
    const second = await sent(2, [{ op: 'remove', space: 'a', key }])
    expect(second).toMatch(/^ok \d+ 1$/)
    const third = await sent(3, [put()])
    expect(await sent(2, [{ op: 'remove', space: 'a', key }])).toBe(second)
    await sent(3 + IN_FLIGHT.commands, [put()])
    const before = await all()
    expect(await sent(3, [put()])).toBe('late')
    expect(third).toMatch(/^ok/)
    expect(await all()).toEqual(before)
  })
})
