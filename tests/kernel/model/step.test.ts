import { expect, it } from 'vitest'
import { after, done, on, spawn, SINGLE } from './history.js'
import { initial } from './state.js'
import { step } from './step.js'

it('leaves the given state as it was', () => {
  const before = after([spawn(1), on('memory', 2, 1)])
  const copy = structuredClone(before)
  const next = step(before, done(2))
  expect(before).toEqual(copy)
  expect(next.calls[2]!.outcome).toBe('ok')
})

it('answers the same history with the same state', () => {
  const events = [spawn(1), on('memory', 2, 1), done(2)]
  expect(after(events)).toEqual(after(events))
  expect(initial(SINGLE)).toEqual(initial(SINGLE))
})
