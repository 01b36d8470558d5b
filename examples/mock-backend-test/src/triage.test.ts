/** Unit tests of an agent without a provider: the model is a script, and time stands still until the test turns it. */
import { AiosError, createKernel } from '@aios/sdk'
import { createTestKernel, scriptedCore } from '@aios/sdk/testing'
import { expect, it } from 'vitest'
import { triage } from './triage.js'

it('asks for JSON at temperature 0 and adds the hours', async () => {
  const llm = scriptedCore([{ json: { priority: 2, reason: 'Many users are affected.' } }])
  const kernel = await createKernel({ llm })
  await expect(kernel.run(triage, 'Nobody can log in.')).resolves.toEqual({
    priority: 2,
    reason: 'Many users are affected.',
    dueInHours: 4,
  })
  expect(llm.requests[0]).toMatchObject({ temperature: 0, responseFormat: { type: 'json' } })
  llm.assertDone()
  await kernel.close()
})

it('tells the model once what was wrong', async () => {
  const llm = scriptedCore(['Very urgent!', { json: { priority: 1, reason: 'Data is lost.' } }])
  const kernel = await createKernel({ llm })
  await expect(kernel.run(triage, 'My files are gone.')).resolves.toMatchObject({ priority: 1 })
  expect(llm.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  expect(llm.requests[1]?.messages.at(-1)?.content).toContain('That is not valid')
  await kernel.close()
})

it('fails typed when the second answer is wrong too', async () => {
  const kernel = await createKernel({ llm: scriptedCore(['No.', { json: { priority: 9, reason: 'x' } }]) })
  await expect(kernel.run(triage, '?')).rejects.toMatchObject({ code: 'AIOS_LLM_INVALID_OUTPUT' })
  await kernel.close()
})

it('lets a failure of the provider out as it is, when the kernel tried as often as it may', async () => {
  const error = new AiosError('AIOS_LLM_OVERLOADED', 'Try later.')
  const kernel = await createKernel({ llm: scriptedCore([{ error }], { limits: { maxAttempts: 1 } }) })
  await expect(kernel.run(triage, '?')).rejects.toBe(error)
  await kernel.close()
})

it('gives up at its deadline, however long the model takes', async () => {
  const kernel = await createTestKernel({ llm: scriptedCore([{ text: '{}', latencyMs: 60_000 }]) })
  const run = kernel.run(triage, '?', { deadlineMs: 5_000 })
  const rejected = expect(run).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
  await kernel.clock.advance(5_000)
  await rejected
  await kernel.close()
})
