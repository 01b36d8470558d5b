import { AiosError } from '@aios/kernel'
import type { Agent, MemoryNote, Sys } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { checkReactOptions, runReact } from './react.js'
import type { ReactOptions } from './react.js'
import { reflexionState, reflexionStep } from './reflexion-step.js'
import type {
  Lesson,
  ReflexionAttempt,
  ReflexionEffect,
  ReflexionInput,
  ReflexionState,
  Verdict,
} from './reflexion-step.js'
import { runMachine } from './step-machine.js'
import { trajectoryText } from './trajectory.js'

/** Is what an evaluator judges. */
export interface Attempted {
  /** What the agent was asked. */
  readonly input: string
  readonly answer: string
  /** Counts from 1. */
  readonly attempt: number
}

/** Is what {@link reflexion} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ReflexionOptions {
  /** How to attempt the task; `model`, `temperature` and `maxOutputTokens` also hold for the reflections. */
  readonly attempt?: ReactOptions
  /** Judges an answer: by a test, a rule, or a model asked through `sys`. What it throws ends the agent. */
  readonly evaluate: (sys: Sys, attempted: Attempted) => Promise<Verdict> | Verdict
  /** Most attempts, at least 1. Default 3. */
  readonly maxAttempts?: number
}

/** Is what a {@link reflexion} agent returns. */
export interface ReflexionResult {
  /** The answer of the last attempt. */
  readonly answer: string
  /** Whether the evaluator accepted it; false when the attempts ran out. */
  readonly accepted: boolean
  /** Every attempt in order, at least one. */
  readonly attempts: readonly ReflexionAttempt[]
}

const MAX_ATTEMPTS = 3
const TAG = 'reflection'
const REFLEXION_OPTIONS = option.object({
  attempt: option.optional(option.record),
  evaluate: option.function,
  maxAttempts: option.optional(option.integer(1)),
})

/**
 * Makes an agent that learns from its failures within a task and across tasks: each attempt is a {@link react} run;
 * when `evaluate` rejects its answer, the model writes down what went wrong, the lesson is stored as a note with the tag
 * `reflection` in the memory of the process, and the next attempt gets the lessons that match the task in its
 * instructions. Later runs in the same namespace start with them.
 *
 * Source: Shinn et al., "Reflexion: Language Agents with Verbal Reinforcement Learning", NeurIPS 2023, arXiv 2303.11366.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` at once for options it cannot take, and from the agent if `evaluate` returns
 * no verdict. Errors of an attempt, of `evaluate`, of the model and of the memory end the agent as they are.
 * @example
 * ```ts
 * import { createKernel, reflexion } from '@aios/sdk'
 * import { openai } from '@aios/llm/openai'
 *
 * const kernel = await createKernel({ llm: openai('gpt-5-mini') })
 * const agent = reflexion({
 *   evaluate: (_sys, { answer }) =>
 *     answer.length <= 80 ? { ok: true } : { ok: false, feedback: `${answer.length} characters; at most 80 are allowed.` },
 * })
 * const { answer, accepted } = await kernel.run(agent, 'Explain operating systems.', { name: 'writer' })
 * console.log(accepted, answer)
 * await kernel.close()
 * ```
 */
export function reflexion(options: ReflexionOptions): Agent<string, ReflexionResult> {
  checkOptions('reflexion()', options, REFLEXION_OPTIONS)
  if (options.attempt !== undefined) checkReactOptions('"attempt" of reflexion()', options.attempt)
  return async (sys, input) => {
    const start = reflexionState(input, options.maxAttempts ?? MAX_ATTEMPTS)
    const perform = (effect: ReflexionEffect): Promise<ReflexionInput> =>
      performReflexion(sys, effect, { input, options })
    const { attempts } = await runMachine<ReflexionState, ReflexionInput, ReflexionEffect>(
      { step: reflexionStep, perform },
      start,
      { type: 'task' },
    )
    const last = attempts.at(-1)
    return { answer: last?.answer ?? '', accepted: last?.verdict.ok ?? false, attempts }
  }
}

interface ReflexionSetting {
  readonly input: string
  readonly options: ReflexionOptions
}

async function performReflexion(sys: Sys, effect: ReflexionEffect, setting: ReflexionSetting): Promise<ReflexionInput> {
  const { input, options } = setting
  switch (effect.type) {
    case 'retrieve': {
      const { query, limit } = effect
      const hits = await sys.memory.retrieve({ query, limit, tags: [TAG] })
      return { type: 'retrieved', lessons: hits.map(lessonOf) }
    }
    case 'attempt': {
      const run = await runReact(sys, { question: input, options: options.attempt ?? {}, lessons: effect.lessons })
      return { type: 'attempted', answer: run.answer, trajectory: trajectoryText(run.messages) }
    }
    case 'evaluate': {
      const { answer, attempt } = effect
      return { type: 'evaluated', verdict: checkVerdict(await options.evaluate(sys, { input, answer, attempt })) }
    }
    case 'reflect':
      return { type: 'reflected', text: await reflect(sys, effect, options.attempt ?? {}) }
    case 'remember': {
      const note = await sys.memory.add({ content: effect.content, tags: [TAG] })
      return { type: 'remembered', lesson: lessonOf(note) }
    }
  }
}

async function reflect(
  sys: Sys,
  { messages }: ReflexionEffect & { type: 'reflect' },
  { model, temperature, maxOutputTokens }: ReactOptions,
): Promise<string> {
  const reply = await sys.llm.chat({
    messages,
    ...(model !== undefined && { model }),
    ...(temperature !== undefined && { temperature }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
  })
  return reply.text
}

function lessonOf({ id, content }: MemoryNote): Lesson {
  return { id, content }
}

function checkVerdict(verdict: Verdict): Verdict {
  if (typeof (verdict as Verdict | undefined)?.ok === 'boolean') return verdict
  throw new AiosError('AIOS_INVALID_OPTION', 'Expected "evaluate" of reflexion to return { ok: boolean, feedback? }.')
}
