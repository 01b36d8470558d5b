import type { RecordStore } from '../../record/record-store.js'
import { writeUntilKilled, type CrashOrder, type CrashReport } from './crash-workload.js'
import { writeHistory } from './register-workload.js'

/**
 * Is what a child process of `recordCrashes` runs: opens a store, writes to it, and tells its parent what was acknowledged,
 * until it is killed. The suite calls it; there is no need to do so yourself.
 *
 * @param make - makes the store from its argument, as the default export of the module of the suite does
 * @param order - what to do, as the suite wrote it
 */
export async function crashWriter(
  make: (argument: string) => RecordStore | Promise<RecordStore>,
  order: string,
): Promise<void> {
  const report = (fact: CrashReport): Promise<void> =>
    new Promise((resolve) => {
      process.send?.(fact, undefined, undefined, () => {
        resolve()
      })
    })
  try {
    const orders = JSON.parse(order) as CrashOrder
    const store = await make(orders.argument)
    void report({ type: 'opening' })
    await store.open()
    // Two processes that are to meet begin together.
    const begin = new Promise((resolve) => process.once('message', resolve))
    void report({ type: 'ready' })
    if (orders.history === undefined) await writeUntilKilled(store, orders, report)
    await begin
    await writeHistory(store, { operations: orders.history ?? 0, process: orders.process }, report)
    await store.close()
    // A channel that is closed drops what is not written yet: the last report is waited for.
    await report({ type: 'done' })
  } catch (error) {
    await report({ type: 'failed', message: String(error) })
  }
  process.disconnect?.()
}
