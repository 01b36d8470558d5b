import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reflexionState, reflexionStep } from '../../../packages/sdk/src/pattern/reflexion-step.js'
import type {
  ReflexionEffect,
  ReflexionInput,
  ReflexionState,
} from '../../../packages/sdk/src/pattern/reflexion-step.js'

/** Feeds inputs one after the other and returns the last transition. */
function after(maxAttempts: number, ...inputs: readonly ReflexionInput[]) {
  let state = reflexionState('Sort it', maxAttempts)
  let effects: readonly ReflexionEffect[] = []
  for (const input of inputs) ({ state, effects } = reflexionStep(state, input))
  return { state, effects }
}

const task: ReflexionInput = { type: 'task' }
const nothing: ReflexionInput = { type: 'retrieved', lessons: [] }
const attempted: ReflexionInput = { type: 'attempted', answer: 'b a', trajectory: 'Task: Sort it' }
const rejected: ReflexionInput = { type: 'evaluated', verdict: { ok: false, feedback: 'Not sorted.' } }
const accepted: ReflexionInput = { type: 'evaluated', verdict: { ok: true } }
const lesson = (id: string) => ({ id, content: `lesson ${id}` })

describe('a step', () => {
  it('retrieves lessons for the task, then attempts it without any', () => {
    expect(after(3, task).effects).toEqual([{ type: 'retrieve', query: 'Sort it', limit: 3 }])
    expect(after(3, task, nothing).effects).toEqual([{ type: 'attempt', lessons: '' }])
  })

  it('puts retrieved lessons before the attempt, at most three', () => {
    const lessons = ['a', 'b', 'c', 'd'].map(lesson)
    const [effect] = after(3, task, { type: 'retrieved', lessons }).effects
    expect(effect).toEqual({
      type: 'attempt',
      lessons:
        '\n\nLessons from earlier attempts; heed those that fit the task:\n1. lesson a\n2. lesson b\n3. lesson c',
    })
  })

  it('has the answer judged, counting attempts from 1', () => {
    expect(after(3, task, nothing, attempted).effects).toEqual([{ type: 'evaluate', answer: 'b a', attempt: 1 }])
  })

  it('ends when the answer is accepted', () => {
    const { state, effects } = after(3, task, nothing, attempted, accepted)
    expect(effects).toEqual([])
    expect(state.attempts).toEqual([{ answer: 'b a', verdict: { ok: true } }])
  })

  it('reflects on what was done and what was wrong', () => {
    const [effect] = after(3, task, nothing, attempted, rejected).effects
    expect(effect).toMatchObject({ type: 'reflect', messages: [{ role: 'system' }, { role: 'user' }] })
    const text = effect?.type === 'reflect' ? effect.messages[1]?.content : undefined
    expect(text).toBe('Task: Sort it\n\nAnswer: b a\nWhat was wrong: Not sorted.')
  })

  it('reflects also without feedback', () => {
    const silent: ReflexionInput = { type: 'evaluated', verdict: { ok: false } }
    expect(JSON.stringify(after(3, task, nothing, attempted, silent).effects)).toContain('the answer was rejected')
  })

  it('remembers the lesson together with the task, so that a search for the task finds it', () => {
    const reflected: ReflexionInput = { type: 'reflected', text: ' Compare before you swap. ' }
    const { state, effects } = after(3, task, nothing, attempted, rejected, reflected)
    expect(effects).toEqual([{ type: 'remember', content: 'Task: Sort it\nLesson: Compare before you swap.' }])
    expect(state.attempts[0]?.lesson).toBe('Compare before you swap.')
  })

  it('falls back to the feedback, then to the fact, where the reflection is empty', () => {
    const empty: ReflexionInput = { type: 'reflected', text: ' ' }
    expect(after(3, task, nothing, attempted, rejected, empty).state.attempts[0]?.lesson).toBe('Not sorted.')
    const silent: ReflexionInput = { type: 'evaluated', verdict: { ok: false } }
    expect(after(3, task, nothing, attempted, silent, empty).state.attempts[0]?.lesson).toBe(
      'The answer "b a" was rejected.',
    )
  })

  it('gives the next attempt its own lesson even if the memory does not return it, and each lesson once', () => {
    const reflected: ReflexionInput = { type: 'reflected', text: 'x' }
    const remembered: ReflexionInput = { type: 'remembered', lesson: lesson('own') }
    const before = [task, nothing, attempted, rejected, reflected, remembered]
    expect(after(3, ...before).effects).toEqual([{ type: 'retrieve', query: 'Sort it', limit: 4 }])
    const lines = (lessons: readonly { id: string; content: string }[]) => {
      const [effect] = after(3, ...before, { type: 'retrieved', lessons }).effects
      return (effect?.type === 'attempt' ? effect.lessons : '').split('\n').slice(3)
    }
    expect(lines([])).toEqual(['1. lesson own'])
    expect(lines([lesson('own'), lesson('old')])).toEqual(['1. lesson old', '2. lesson own'])
  })

  it('tells the next reflection which lessons there were already', () => {
    const reflected: ReflexionInput = { type: 'reflected', text: 'x' }
    const remembered: ReflexionInput = { type: 'remembered', lesson: lesson('own') }
    const twice = after(3, task, nothing, attempted, rejected, reflected, remembered, nothing, attempted, rejected)
    expect(JSON.stringify(twice.effects)).toContain('Lessons you already had:\\nlesson own')
  })

  it('calls a reflection without an attempt a bug', () => {
    expect(() => after(3, { type: 'reflected', text: 'x' })).toThrow('only after an attempt')
  })
})

it('makes at most maxAttempts attempts, stops at the first accepted one and reflects once between two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), (most, oks) => {
      const done: string[] = []
      let state: ReflexionState = reflexionState('t', most)
      let effect: ReflexionEffect | undefined
      let input: ReflexionInput = task
      for (;;) {
        const before = Object.freeze(state)
        const transition = reflexionStep(before, input)
        expect(reflexionStep(before, input)).toEqual(transition)
        state = transition.state
        effect = transition.effects[0]
        if (effect === undefined) break
        done.push(effect.type)
        input = answerTo(effect, oks)
      }
      const first = oks.indexOf(true)
      const attempts = Math.min(most, first < 0 ? most : first + 1)
      const times = (type: string) => done.filter((name) => name === type).length
      expect(state.attempts).toHaveLength(attempts)
      expect([times('attempt'), times('evaluate'), times('retrieve')]).toEqual([attempts, attempts, attempts])
      expect([times('reflect'), times('remember')]).toEqual([attempts - 1, attempts - 1])
      expect(state.attempts.filter((attempt) => attempt.lesson === undefined)).toHaveLength(1)
    }),
  )
})

function answerTo(effect: ReflexionEffect, oks: readonly boolean[]): ReflexionInput {
  switch (effect.type) {
    case 'retrieve':
      return nothing
    case 'attempt':
      return attempted
    case 'evaluate':
      return { type: 'evaluated', verdict: { ok: oks[effect.attempt - 1] === true } }
    case 'reflect':
      return { type: 'reflected', text: 'better' }
    case 'remember':
      return { type: 'remembered', lesson: lesson(effect.content) }
  }
}
