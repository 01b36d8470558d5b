import { scriptedCore } from '@aios/llm/testing'
import { createKernel, react } from '@aios/sdk'
import { expect, it } from 'vitest'
import { accountsText } from '../../../packages/sdk/src/cli/accounts.js'

it('shows processes with their use, calls by row, lanes and totals', async () => {
  const price = { inputUsdPerMTok: 1_000_000, outputUsdPerMTok: 0 }
  const llm = scriptedCore([{ text: 'Hi.', usage: { input: 7, output: 3 } }], { price })
  const kernel = await createKernel({ llm })
  await kernel.run(react({ tools: [] }), 'Hello?', { name: 'greeter' })
  await kernel.run(() => Promise.reject(new Error('no')), undefined, { name: 'loser' }).catch(() => undefined)
  const lines = accountsText(kernel).split('\n')
  await kernel.run((sys) => sys.tool.list(), undefined)
  expect(accountsText(kernel)).toMatch(/^2 calls in/m)
  await kernel.close()
  const row = (name: string) =>
    lines
      .find((line) => line.includes(name))
      ?.trim()
      .split(/\s+/)
  expect(row('greeter')).toEqual(['1', '0', 'greeter', 'exited', 'fulfilled', '1', '7', '3', '7'])
  expect(row('loser')).toEqual(['2', '0', 'loser', 'exited', 'error', '0', '0', '0', '0'])
  expect(row('llm.chat')).toEqual(['llm.chat', '1', '0', '0'])
  expect(row('llm/scripted')?.slice(0, 3)).toEqual(['llm/scripted', 'hybrid', '1'])
  expect(lines.at(-2)).toMatch(/^1 call in [\d.]+ ms, 7 input and 3 output tokens, 7 USD$/)
})
