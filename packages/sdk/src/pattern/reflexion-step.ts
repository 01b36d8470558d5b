import { AiosError } from '@aios/kernel'
import type { Message } from '@aios/kernel'
import type { Transition } from './step-machine.js'

/** Judges one attempt. */
export interface Verdict {
  /** Whether the answer is good enough to stop. */
  readonly ok: boolean
  /** What was wrong with it, in words that help to do better. */
  readonly feedback?: string
}

/** Is one attempt of a {@link reflexion} agent and what became of it. */
export interface ReflexionAttempt {
  readonly answer: string
  readonly verdict: Verdict
  /** The lesson drawn from it; absent for the last one. */
  readonly lesson?: string
}

/** Is a reflection as the memory holds it. */
export interface Lesson {
  /** Id of the note. */
  readonly id: string
  readonly content: string
}

/** Is everything a Reflexion agent knows between two steps. Make the first one with {@link reflexionState}. */
export interface ReflexionState {
  readonly input: string
  readonly maxAttempts: number
  readonly attempts: readonly ReflexionAttempt[]
  /** Lessons of this run, oldest first; they always reach the next attempt, however the memory ranks them. */
  readonly own: readonly Lesson[]
  /** The attempt under way: its answer and its course as text. */
  readonly answer?: string
  readonly trajectory?: string
}

/** Is what a step reacts to. */
export type ReflexionInput =
  | { readonly type: 'task' }
  | { readonly type: 'retrieved'; readonly lessons: readonly Lesson[] }
  | { readonly type: 'attempted'; readonly answer: string; readonly trajectory: string }
  | { readonly type: 'evaluated'; readonly verdict: Verdict }
  | { readonly type: 'reflected'; readonly text: string }
  | { readonly type: 'remembered'; readonly lesson: Lesson }

/** Is what a step asks its loop to do. */
export type ReflexionEffect =
  | { readonly type: 'retrieve'; readonly query: string; readonly limit: number }
  | { readonly type: 'attempt'; readonly lessons: string }
  | { readonly type: 'evaluate'; readonly answer: string; readonly attempt: number }
  | { readonly type: 'reflect'; readonly messages: readonly Message[] }
  | { readonly type: 'remember'; readonly content: string }

type ReflexionTransition = Transition<ReflexionState, ReflexionEffect>

/** Lessons of earlier runs shown to an attempt; the paper keeps one to three to stay within the window. */
const LESSONS = 3

const REFLECT = [
  'You failed at a task. Below are the task, what you did, your answer and what was wrong with it.',
  'In a few sentences, name the mistake that explains the failure, and say what to do differently next time.',
  'Give a plan that holds for the next attempt at this task. Do not solve the task here.',
].join('\n')

/** Makes the state before the first attempt. */
export function reflexionState(input: string, maxAttempts: number): ReflexionState {
  return { input, maxAttempts, attempts: [], own: [] }
}

/**
 * Takes a Reflexion agent one step further, purely: retrieve, attempt, evaluate, reflect, remember, and again.
 *
 * Source: Shinn et al., "Reflexion: Language Agents with Verbal Reinforcement Learning", NeurIPS 2023,
 * arXiv 2303.11366, algorithm 1: actor, evaluator and self-reflection, with the reflections as long-term memory.
 */
export function reflexionStep(state: ReflexionState, input: ReflexionInput): ReflexionTransition {
  switch (input.type) {
    case 'task':
      return retrieve(state)
    case 'retrieved':
      return { state, effects: [{ type: 'attempt', lessons: lessonsText(state, input.lessons) }] }
    case 'attempted': {
      const { answer, trajectory } = input
      const attempt = state.attempts.length + 1
      return { state: { ...state, answer, trajectory }, effects: [{ type: 'evaluate', answer, attempt }] }
    }
    case 'evaluated':
      return judge(state, input.verdict)
    case 'reflected':
      return learn(state, input.text)
    case 'remembered':
      return retrieve({ ...state, own: [...state.own, input.lesson] })
  }
}

function retrieve(state: ReflexionState): ReflexionTransition {
  // Lessons of this run may rank first; asking for as many more leaves room for those of earlier runs.
  return { state, effects: [{ type: 'retrieve', query: state.input, limit: LESSONS + state.own.length }] }
}

function judge(state: ReflexionState, verdict: Verdict): ReflexionTransition {
  const { answer = '', trajectory = '', ...rest } = state
  const next: ReflexionState = { ...rest, attempts: [...state.attempts, { answer, verdict }] }
  if (verdict.ok || next.attempts.length >= state.maxAttempts) return { state: next, effects: [] }
  const course = `${trajectory}\n\nAnswer: ${answer}\nWhat was wrong: ${verdict.feedback ?? 'the answer was rejected'}`
  const earlier = state.own.map(({ content }) => content).join('\n')
  const content = earlier === '' ? course : `${course}\n\nLessons you already had:\n${earlier}`
  const messages: readonly Message[] = [
    { role: 'system', content: REFLECT },
    { role: 'user', content },
  ]
  return { state: next, effects: [{ type: 'reflect', messages }] }
}

/** Notes the lesson of the last attempt. The task stands in it, so that a search for the task finds it. */
function learn(state: ReflexionState, text: string): ReflexionTransition {
  const last = state.attempts.at(-1)
  if (last === undefined) throw new AiosError('AIOS_BUG', 'Expected a reflection only after an attempt.')
  const lesson = text.trim() || last.verdict.feedback || `The answer "${last.answer}" was rejected.`
  const attempts = [...state.attempts.slice(0, -1), { ...last, lesson }]
  const content = `Task: ${state.input}\nLesson: ${lesson}`
  return { state: { ...state, attempts }, effects: [{ type: 'remember', content }] }
}

function lessonsText(state: ReflexionState, retrieved: readonly Lesson[]): string {
  const earlier = retrieved.filter(({ id }) => !state.own.some((lesson) => lesson.id === id)).slice(0, LESSONS)
  const lessons = [...earlier, ...state.own]
  if (lessons.length === 0) return ''
  const lines = lessons.map(({ content }, index) => `${index + 1}. ${content}`).join('\n')
  return `\n\nLessons from earlier attempts; heed those that fit the task:\n${lines}`
}
