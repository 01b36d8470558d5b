/**
 * Twice: has random invoices paid by a process that is killed five times at random moments and started again, and by one that
 * is left alone. Both must give the answer that repeated addition gives, and pay each invoice once; a further start does nothing.
 */
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Invoice } from './bookkeeper.js'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const KILLS = 5

/** Is how a start of the program ended, and what it said. */
interface Life {
  readonly killed: boolean
  readonly said: string
}

/** Says when to kill: some milliseconds after the program said this. */
interface Kill {
  readonly said: string
  readonly ms: number
}

/** Starts the program, and kills it if so told. */
async function live(args: readonly string[], kill?: Kill): Promise<Life> {
  const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let [said, timer]: [string, NodeJS.Timeout | undefined] = ['', undefined]
  child.stdout.on('data', (text) => {
    said += String(text)
    if (kill !== undefined && said.includes(kill.said)) timer ??= setTimeout(() => child.kill('SIGKILL'), kill.ms)
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject).on('close', (...ended) => {
      resolve(ended)
    })
  })
  clearTimeout(timer)
  if (code !== 0 && signal !== 'SIGKILL') throw new Error(`The program ended with ${String(code ?? signal)}:\n${said}`)
  return { killed: signal === 'SIGKILL', said: said.split('\n').slice(1).join('\n') }
}

function randomInvoices(): Invoice[] {
  return Array.from({ length: randomInt(8, 14) }, (_, index) => ({
    number: `R-${100 + index}`,
    hours: randomInt(1, 100),
    rate: randomInt(50, 200),
    costs: randomInt(0, 1_000),
  }))
}

/** Works an amount out without the program. */
function amountOf({ hours, rate, costs }: Invoice): number {
  let amount = costs
  for (let hour = 0; hour < hours; hour += 1) amount += rate
  return amount
}

/** Reads the ledger of a data directory. */
async function read(dataDir: string): Promise<string> {
  const ledger = join(dataDir, 'ledger')
  return existsSync(ledger) ? readFile(ledger, 'utf8') : ''
}

function check(what: string, got: unknown, expected: unknown): void {
  const isRight = got === expected
  console.log(`${isRight ? 'ok   ' : 'WRONG'} ${what}`)
  if (isRight) return
  console.log(`expected:\n${String(expected)}\ngot:\n${String(got)}`)
  process.exitCode = 1
}

for (let round = 0; round < 2; round += 1) {
  const folder = await mkdtemp(join(tmpdir(), 'durable-agent-'))
  try {
    const [broken, unbroken, file] = [join(folder, 'broken'), join(folder, 'unbroken'), join(folder, 'invoices.json')]
    const invoices = randomInvoices()
    await writeFile(file, JSON.stringify(invoices))
    const notes = invoices.map((each, index) => `${each.number}: ${amountOf(each)} (line ${index + 1})`)
    const answer = `answer: ${notes.join(', ')}\n`
    const ledger = invoices.map((each) => `${each.number} ${amountOf(each)}\n`).join('')

    let before = 0
    for (let kill = 0; kill < KILLS; kill += 1) {
      const when = kill % 2 === 0 ? { said: 'paid ', ms: randomInt(100) } : { said: 'in ', ms: randomInt(600) }
      const { killed, said } = await live([broken, file], when)
      const paid = (await read(broken)).split('\n').length - 1
      console.log(`      ${killed ? 'killed' : 'ended'} ${paid - before} payments later`)
      for (const [line] of said.matchAll(/^killed while.*/gm)) console.log(`      it was ${line}`)
      if (kill === 0) check('the first kill comes midway', killed && paid > 0 && paid < invoices.length, true)
      before = paid
    }
    const { said } = await live([broken, file])
    check(`the answer after ${KILLS} kills`, said.slice(said.indexOf('answer:')), answer)
    check('each invoice is paid once', await read(broken), ledger)
    const { said: whole } = await live([unbroken, file])
    check('an unbroken run gives the same answer', whole.slice(whole.indexOf('answer:')), answer)
    check('a further start only gives the answer', (await live([broken, file])).said, answer)
    check('and pays nothing', await read(broken), ledger)
  } finally {
    await rm(folder, { recursive: true })
  }
}
