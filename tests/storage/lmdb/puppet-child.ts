// Does with stores what its parent says, one line of messages at a time, and answers each.
import { AiosError } from '@aios/kernel'
import { lmdbRecords, type LmdbRecordsOptions, type LmdbRecordStore } from '@aios/storage/lmdb'
import { bytes, collect } from './lmdb-ground.js'

let store: LmdbRecordStore | undefined
const opened = (): LmdbRecordStore => store!
let isWriting = false
let writing: Promise<number> = Promise.resolve(0)

async function open(dir: string, options?: LmdbRecordsOptions): Promise<void> {
  store = lmdbRecords(dir, options)
  await store.open()
}

const acts = {
  open,
  close: () => opened().close(),
  put: (key: string, value: string) => opened().put('shared', bytes(key), bytes(value)),
  async get(key: string): Promise<string | undefined> {
    const record = await opened().get('shared', bytes(key))
    return record && Buffer.from(record.value).toString()
  },
  count: async () => (await opened().size('shared')).records,
  keys: async () => (await collect(opened().range('shared'))).map(({ key }) => Buffer.from(key).toString()),
  /** Puts records of a size, several at once, and says how many were put. */
  async fill(name: string, count: number, size: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, (_, at) => opened().put('shared', bytes(`${name} ${at}`), new Uint8Array(size))),
    )
  },
  /** Opens, writes a few records one after the other, and closes, again and again; says what was acknowledged. */
  async comeAndGo(dir: string, name: string, times: number): Promise<string[]> {
    const acknowledged: string[] = []
    for (let time = 0; time < times; time += 1) {
      await open(dir)
      for (let at = 0; at < 5; at += 1) {
        await acts.put(`${name} ${time} ${at}`, name)
        acknowledged.push(`${name} ${time} ${at}`)
      }
      await acts.close()
    }
    return acknowledged
  },
  /** Begins to write on and on, with several writers; each names the version that it made last, so it would miss a lost one. */
  begin(name: string, writers: number): void {
    isWriting = true
    let written = 0
    const one = async (writer: number): Promise<void> => {
      for (let version = 0; isWriting; written += 1)
        version = await opened().put('steady', bytes(`${name} ${writer}`), bytes(`${written}`), { ifVersion: version })
    }
    writing = Promise.all(Array.from({ length: writers }, (_, writer) => one(writer))).then(() => written)
    writing.catch(() => undefined)
  },
  end(): Promise<number> {
    isWriting = false
    return writing
  },
  /** Writes, and is stopped, or killed, or busy with something else, while it has the turn. */
  async signalInTurn(signal: NodeJS.Signals): Promise<never> {
    await acts.put('in turn', 'mine')
    void acts.put('in turn', signal)
    process.send?.({ value: 'in turn' })
    process.kill(process.pid, signal)
    return new Promise(() => undefined)
  },
  async busyInTurn(forMs: number): Promise<void> {
    await acts.put('in turn', 'mine')
    void acts.put('in turn', 'busy')
    for (const until = Date.now() + forMs; Date.now() < until;);
  },
}

process.on('message', ({ act, args }: { act: keyof typeof acts; args: never[] }) => {
  const run: (...args: never[]) => unknown = acts[act]
  Promise.resolve()
    .then(() => run(...args))
    .then(
      (value) => process.send?.({ value }),
      (error: unknown) => {
        const { code, retryable, message } = AiosError.is(error)
          ? error
          : { code: 'none', retryable: false, message: String(error) }
        process.send?.({ error: { code, retryable, message } })
      },
    )
})
process.send?.({ value: 'here' })
