/** `npm start -- [data directory] [JSON file of invoices]`: the same line starts the work, goes on with it, and gives the answer. */
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { offlineModel } from '@aios/example-rule-core'
import { createKernel, embeddedStorage } from '@aios/sdk'
import { bookkeeper, bookkeeping, findPayment, type Invoice } from './bookkeeper.js'

const [directory = join(tmpdir(), 'aios-durable-agent'), file] = process.argv.slice(2)
const dataDir = resolve(directory)
const source = file ?? fileURLToPath(new URL('sample/invoices.json', import.meta.url))
const invoices = JSON.parse(await readFile(source, 'utf8')) as Invoice[]
const ledger = join(dataDir, 'ledger')
console.log(`in ${dataDir}`)

await using kernel = await createKernel({
  ...offlineModel(),
  dataDir: join(dataDir, 'aios'),
  storage: embeddedStorage({ root: dataDir }),
  tools: bookkeeping(ledger),
})

const { processes } = await kernel.recover({
  agents: { bookkeeper },
  onUnknown: ({ request }) => {
    const { invoice } = (request as { input: { invoice: string } }).input
    const output = findPayment(ledger, invoice)
    console.log(`killed while paying ${invoice}: the ledger says that it is ${output ? 'paid' : 'not paid'}`)
    return output === undefined ? 'retry' : { result: { name: 'local/pay', output } }
  },
})
if (processes.length > 0) console.log('going on')
console.log(`answer: ${await kernel.run(bookkeeper, invoices, { name: 'bookkeeper', runId: 'invoices' })}`)
