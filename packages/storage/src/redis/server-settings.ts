import type { Durability } from '@aios/kernel/driver'
import type { Argument } from './connection.js'
import { isForbidden, unavailable } from './redis-failure.js'

/** Sends a command. */
type Ask = (args: readonly Argument[]) => Promise<unknown>

/**
 * Reads from the settings of Redis what acknowledged writes survive, and whether it keeps them at all.
 *
 * @returns undefined where the settings may not be read
 * @throws AiosError `AIOS_STORE_UNAVAILABLE` where Redis drops records when its memory is full
 */
export async function readDurability(where: string, ask: Ask): Promise<Durability | undefined> {
  const policy = await setting(ask, 'maxmemory-policy')
  if (policy?.startsWith('allkeys-') === true) {
    const got = `this Redis drops any key when its memory is full ("maxmemory-policy ${policy}")`
    const advice = 'Set it to "noeviction", or pass "durability": "none" if losing records is all right'
    throw unavailable(where, `${got}. ${advice}.`, { retryable: false, details: { policy } })
  }
  const log = await setting(ask, 'appendonly')
  if (log === undefined) return undefined
  return log === 'yes' && (await setting(ask, 'appendfsync')) === 'always' ? 'power' : 'process'
}

/** Reads one setting; undefined where `CONFIG` is forbidden, or the server has no such thing. */
async function setting(ask: Ask, name: string): Promise<string | undefined> {
  let reply: unknown
  try {
    reply = await ask(['CONFIG', 'GET', name])
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
  return valueOf(reply)
}

/** Takes the value from name and value, which come as a map or, by a proxy that speaks the older protocol, a list. */
function valueOf(reply: unknown): string | undefined {
  const list: readonly unknown[] = Array.isArray(reply)
    ? (reply as unknown[])
    : Object.values((reply ?? {}) as Record<string, unknown>)
  const value = list.at(-1)
  return Buffer.isBuffer(value) || typeof value === 'string' ? value.toString() : undefined
}
