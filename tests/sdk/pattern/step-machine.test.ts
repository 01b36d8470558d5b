import { expect, it } from 'vitest'
import { runMachine } from '../../../packages/sdk/src/pattern/step-machine.js'

it('performs the effects of a step in order and feeds every input they make into the next step', async () => {
  const performed: string[] = []
  const end = await runMachine<string, string, string>(
    {
      step: (state, input) => ({
        state: `${state}>${input}`,
        effects: input === 'a' ? ['report', 'ask b', 'ask c'] : [],
      }),
      perform: async (effect) => {
        performed.push(effect)
        return effect.startsWith('ask ') ? effect.slice(4) : undefined
      },
    },
    'start',
    'a',
  )
  expect(performed).toEqual(['report', 'ask b', 'ask c'])
  expect(end).toBe('start>a>b>c')
})

it('ends with the error of an effect and performs none after it', async () => {
  const performed: string[] = []
  const broken = new Error('broken')
  const run = runMachine<number, number, string>(
    {
      step: (state, input) => ({ state: state + input, effects: ['first', 'breaks', 'after'] }),
      perform: async (effect) => {
        performed.push(effect)
        if (effect === 'breaks') throw broken
        return undefined
      },
    },
    0,
    1,
  )
  await expect(run).rejects.toBe(broken)
  expect(performed).toEqual(['first', 'breaks'])
})
