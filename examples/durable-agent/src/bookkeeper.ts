import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { defineTool, react, type Agent, type Tool } from '@aios/sdk'
import { z } from 'zod'

/** Is what somebody wants to be paid for. */
export interface Invoice {
  readonly number: string
  readonly hours: number
  readonly rate: number
  readonly costs: number
}

/** Says which line of the ledger a payment is, from 1. */
export interface Payment {
  readonly line: number
}

/** Milliseconds on the way to the bank, and back. */
const BANK_MS = 40

const payment = z.object({ invoice: z.string(), amount: z.number() })
const ask = react({ tools: ['calculator'] })

/** Works out each invoice with the model, pays it, notes that and files a receipt. It knows nothing of being killed. */
export const bookkeeper: Agent<readonly Invoice[], string> = async (sys, invoices) => {
  for (const { number: invoice, hours, rate, costs } of invoices) {
    const answer = await ask(sys, `What is ${hours} * ${rate} + ${costs}?`)
    const amount = Number(/\d+(?=\D*$)/.exec(answer.replaceAll(',', ''))?.[0])
    const { output } = await sys.tool.call({ name: 'pay', input: { invoice, amount } })
    const receipt = { invoice, amount, line: (output as Payment).line }
    await sys.memory.add({ content: `${invoice}: ${amount} (line ${receipt.line})`, tags: ['paid'] })
    await sys.tool.call({ name: 'file_receipt', input: receipt })
  }
  const notes = await sys.memory.retrieve({ query: 'line', tags: ['paid'], limit: 1_000 })
  return notes
    .map(({ content }) => content)
    .sort()
    .join(', ')
}

/** Finds a payment in the ledger, the one place that knows what was paid. */
export function findPayment(ledger: string, invoice: string): Payment | undefined {
  if (!existsSync(ledger)) return undefined
  const at = readFileSync(ledger, 'utf8')
    .split('\n')
    .findIndex((line) => line.startsWith(`${invoice} `))
  return at < 0 ? undefined : { line: at + 1 }
}

/** Makes the tools: a bank that pays twice if it is asked twice, and a folder where the same receipt twice is one receipt. */
export function bookkeeping(ledger: string): Tool[] {
  const pay = defineTool({
    name: 'pay',
    description: 'Pays an invoice.',
    input: payment,
    execute: async ({ invoice, amount }) => {
      await pause(BANK_MS)
      appendFileSync(ledger, `${invoice} ${amount}\n`)
      await pause(BANK_MS)
      const line = readFileSync(ledger, 'utf8').split('\n').length - 1
      console.log(`paid ${invoice}: ${amount}`)
      return { line }
    },
  })
  const fileReceipt = defineTool({
    name: 'file_receipt',
    description: 'Files the receipt of a payment.',
    input: payment.extend({ line: z.number() }),
    idempotent: true,
    execute: async ({ invoice, amount, line }, { sys }) => {
      const path = join('receipts', `${invoice}.txt`)
      await sys.storage.write({ path, content: `${invoice} ${amount} ${line}\n` })
      return { path }
    },
  })
  return [pay, fileReceipt]
}
