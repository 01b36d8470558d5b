import { AiosError } from '../../error/aios-error.js'
import type { RecordStore } from '../../record/record-store.js'
import type { Report } from './crash-workload.js'
import { bytesOf, Dice } from './record-ground.js'
import type { RegisterOperation } from './register-history.js'

/** Registers that all writers of all processes work on, and writers in one process. */
const HISTORY = { registers: 3, writers: 8 } as const

const SPACE = 'crash/registers'

/** Reads and writes registers with several writers at once, and reports each operation with its times. */
export async function writeHistory(
  store: RecordStore,
  { operations, process }: { readonly operations: number; readonly process: number },
  report: Report,
): Promise<void> {
  await Promise.all(
    Array.from({ length: HISTORY.writers }, async (_, writer) => {
      const dice = new Dice(1 + process * HISTORY.writers + writer)
      for (let at = 0; at < operations; at += 2) {
        const register = dice.below(HISTORY.registers)
        const key = bytesOf(`${register}`)
        const read = await timed(report, register, async () => {
          const version = (await store.get(SPACE, key))?.version ?? 0
          return { seen: version, made: 0 }
        })
        await timed(report, register, async () => {
          try {
            const value = bytesOf(`${process} ${writer} ${at}`)
            return { seen: read.seen, made: await store.put(SPACE, key, value, { ifVersion: read.seen }) }
          } catch (error) {
            if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
            return { seen: read.seen, made: undefined }
          }
        })
      }
    }),
  )
}

type Outcome = Pick<RegisterOperation, 'seen' | 'made'>

async function timed(report: Report, register: number, run: () => Promise<Outcome>): Promise<Outcome> {
  const invokedAt = machineTime()
  const outcome = await run()
  const times = [invokedAt, machineTime(), String(outcome.seen), String(outcome.made)]
  void report({ type: 'operation', operation: [register, ...times] })
  return outcome
}

/** Returns the nanoseconds of the machine's own clock. */
function machineTime(): string {
  // eslint-disable-next-line no-restricted-properties -- it is the one clock that two processes have in common
  return String(process.hrtime.bigint())
}

/** Reads an operation as it was reported. */
export function operationOf([register, ...times]: readonly [number, ...(readonly string[])]): RegisterOperation {
  const [invokedAt = '0', returnedAt = '0', seen, made] = times
  return {
    register,
    invokedAt: BigInt(invokedAt),
    returnedAt: BigInt(returnedAt),
    seen: Number(seen),
    made: made === 'undefined' ? undefined : Number(made),
  }
}
