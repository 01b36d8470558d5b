/** The real kernel and the reference model live through the same random histories and must never differ. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compare } from './model/against-kernel.js'
import { history } from './model/arbitrary-history.js'

const numRuns = 60 * Number(process.env['AIOS_FUZZ'] ?? 1)

it('the kernel does what the model says, whatever happens', async () => {
  const property = fc.asyncProperty(history(), async (given) => {
    const { events, model, kernel, hasCycle } = await compare(given)
    expect({ events, ...kernel }).toEqual({ events, ...model })
    expect(hasCycle).toBe(false)
  })
  await fc.assert(property, { numRuns })
})
