import { createKernel, ramRecords, readRun, type Agent } from '@aios/kernel'
import { expect, it } from 'vitest'
import { capturedError, capturedValue } from '../../../packages/sdk/src/cli/captured-value.js'
import { journalData } from '../../../packages/sdk/src/cli/journal-data.js'

it('What was thrown is shown as it was, also where JSON has none like it, and within causes and lists', async () => {
  const records = ramRecords()
  await records.open()
  const kernel = await createKernel({ records, journal: true })
  const cause = new AggregateError([5n], 'several', { cause: new Map([[1, 2]]) })
  const agent: Agent<unknown, never> = () => {
    throw new TypeError('bad', { cause })
  }
  const odd: Agent<unknown, never> = () => Promise.reject(new Set([1]))
  await kernel.run(agent, 'x', { runId: 'a' }).catch(() => undefined)
  await kernel.run(odd, 'x', { runId: 'b' }).catch(() => undefined)
  await kernel.close()
  const shown = {
    kind: 'error',
    name: 'TypeError',
    message: 'bad',
    cause: {
      name: 'AggregateError',
      errors: [{ kind: 'value', value: 5n }],
      cause: { kind: 'value', value: new Map([[1, 2]]) },
    },
  }
  expect((journalData(await readRun(records, 'a')) as { lines: readonly unknown[] }).lines.at(-1)).toMatchObject({
    result: shown,
  })
  const end = (await readRun(records, 'b')).lines.at(-1)
  expect(end?.kind === 'end' && capturedError(end.result)).toEqual({ kind: 'value', value: new Set([1]) })
  expect(capturedValue({ codec: 'j', text: '' })).toBeUndefined()
  await records.close()
})
