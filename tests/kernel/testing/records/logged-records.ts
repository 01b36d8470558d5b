/**
 * Makes a record store in RAM that logs its writes to a file, so that they survive a kill; or one that does so badly, in a way
 * that the first word of its argument names. It is what the crash suite is tried on.
 */
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { ramRecords, type RecordStore, type RecordWrite } from '@aios/kernel'

type Line = readonly (readonly [space: string, key: string, value: string | null])[]

/** Reads whole lines, and cuts off one that the kill left in part. */
function replayed(file: string): Line[] {
  if (!existsSync(file)) closeSync(openSync(file, 'w'))
  const text = readFileSync(file, 'latin1')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  truncateSync(file, whole.length)
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

export default function loggedRecords(argument: string): RecordStore {
  const [fault = '', file = ''] = argument.split(' ')
  const ram = ramRecords()
  let puts = 0
  const log = (writes: readonly RecordWrite[]): void => {
    const line = writes.map((write) => [
      write.space,
      Buffer.from(write.key).toString('base64'),
      write.op === 'put' ? Buffer.from(write.value).toString('base64') : null,
    ])
    appendFileSync(file, `${JSON.stringify(line)}\n`)
  }
  return {
    id: 'logged',
    durability: 'process',
    async open() {
      await ram.open()
      for (const line of replayed(file)) {
        const writes = line.map(([space, key, value]): RecordWrite => {
          const of = { space, key: Buffer.from(key, 'base64') }
          return value === null ? { op: 'remove', ...of } : { op: 'put', ...of, value: Buffer.from(value, 'base64') }
        })
        await ram.batch(writes)
      }
    },
    close: () => ram.close(),
    get: (space, key) => ram.get(space, key),
    getMany: (space, keys) => ram.getMany(space, keys),
    range: (space, range) => ram.range(space, range),
    async put(...[space, key, value, condition]: Parameters<RecordStore['put']>) {
      const version = await ram.put(space, key, value, condition)
      puts += 1
      const write = (): void => {
        log([{ op: 'put', space, key, value }])
      }
      // Ten turns are long enough to be killed in, and short enough that many writes end.
      const late = async (): Promise<void> => {
        for (let turn = 0; turn < 10; turn += 1) await setImmediate()
        write()
      }
      if (fault === 'late') void late()
      else if (fault === 'unordered' && puts % 5 === 0) await late()
      else write()
      return version
    },
    async remove(space, key, condition) {
      const was = await ram.remove(space, key, condition)
      if (fault !== 'forgetful') log([{ op: 'remove', space, key }])
      return was
    },
    async batch(writes) {
      await ram.batch(writes)
      if (fault !== 'torn') {
        log(writes)
        return
      }
      for (const write of writes) {
        log([write])
        await setImmediate()
      }
    },
    watch: (options) => ram.watch(options),
    size: (space) => ram.size(space),
    compact: () => ram.compact(),
    export: () => ram.export(),
    import: (chunks) => ram.import(chunks),
  }
}
