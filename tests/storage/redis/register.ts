/**
 * One register in a store, and 8 writers in this process who change it only from the state they read. Run as a program it writes
 * down when each of its steps began and ended, and what version it found or made.
 */
import { redisRecords } from '@aios/storage/redis'
import { AiosError } from '@aios/kernel/driver'
import { createClient } from 'redis'

/** Is one step that took place. Times are nanoseconds of the machine's steady clock. */
export interface RegisterStep {
  readonly began: number
  readonly ended: number
  readonly version: number
  /** Version that the step replaced; missing for a step that only read. */
  readonly replaced?: number
}

const WRITERS = 8
const STEPS = 25
const KEY = new Uint8Array([1])
const now = () => Number(process.hrtime.bigint())

async function write(path: string): Promise<RegisterStep[]> {
  const client = createClient({ socket: { path, tls: false } })
  const store = redisRecords(client)
  await store.open()
  const steps: RegisterStep[] = []
  const turns = Array.from({ length: WRITERS }, async () => {
    for (let done = 0; done < STEPS;) {
      const began = now()
      const { version = 0 } = (await store.get('register', KEY)) ?? {}
      const read = now()
      steps.push({ began, ended: read, version })
      try {
        const made = await store.put('register', KEY, KEY, { ifVersion: version })
        steps.push({ began: read, ended: now(), version: made, replaced: version })
        done += 1
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
      }
    }
  })
  await Promise.all(turns)
  await store.close()
  return steps
}

const path = process.env['AIOS_REGISTER']
if (path !== undefined) process.stdout.write(JSON.stringify(await write(path)))
