import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hybrid, roundRobin, type AgentProcess, type PolicyDefinition, type Priority } from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { tokenEngine, type TokenEngine } from '@aios/llm/testing'
import { runs } from '../../setup/runs.js'
import { ask, inPieces } from './ground.js'

/** Is what a run does, in order; `who` is taken modulo the number of agents. */
type Step =
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'suspend' | 'resume' | 'kill' | 'raise'; readonly who: number }
  | { readonly do: 'policy'; readonly policy: PolicyDefinition }

const policy = fc.oneof(
  fc.integer({ min: 1, max: 30 }).map((quantumTokens) => roundRobin({ quantumTokens })),
  fc.integer({ min: 1, max: 200 }).map((quantumMs) => roundRobin({ quantumMs })),
  fc.constant(hybrid()),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 400 }) }),
  fc.record({
    do: fc.constantFrom('suspend' as const, 'resume' as const, 'kill' as const, 'raise' as const),
    who: fc.nat(9),
  }),
  fc.record({ do: fc.constant('policy' as const), policy }),
)

/** Is how an agent ended: with its text, with what it had read when it was given up. */
interface Outcome {
  readonly question: string
  readonly most: number
  text: string
  ended: number
}

function start(kernel: TestKernel, n: number, bounded: boolean): { process: AgentProcess<void>; outcome: Outcome } {
  const outcome: Outcome = {
    question: `Tell me, agent ${n}, of time and of the queue.`,
    most: 8 + ((n * 13) % 60),
    text: '',
    ended: 0,
  }
  const request = { ...ask(outcome.question), ...(bounded ? { maxOutputTokens: outcome.most } : {}) }
  const process = kernel.spawn(
    async (sys) => {
      if (n % 3 === 0) {
        outcome.text = (await sys.llm.chat(request, n % 4 === 0 ? { deadlineMs: 2_000 } : {})).text
      } else {
        for await (const part of sys.llm.stream(request)) if (part.type === 'text-delta') outcome.text += part.text
      }
    },
    undefined,
    // A core that does not count the tokens of its pieces cannot be held to a length to the token.
    { name: `agent ${n}`, ...(bounded && n % 2 === 0 ? { budget: { tokens: 4_000 } } : {}) },
  )
  process.result.then(
    () => (outcome.ended += 1),
    () => (outcome.ended += 2),
  )
  return { process, outcome }
}

function act(
  kernel: TestKernel,
  agents: readonly { process: AgentProcess<void> }[],
  what: Exclude<Step, { do: 'advance' }>,
): void {
  if (what.do === 'policy') {
    kernel.setPolicy('llm', what.policy)
    return
  }
  const { process } = agents[what.who % agents.length] as { process: AgentProcess<void> }
  if (what.do === 'suspend') process.suspend()
  else if (what.do === 'resume') process.resume()
  else if (what.do === 'kill') process.kill('chaos')
  else process.setPriority((what.who % 8) as Priority)
}

async function play(engine: TokenEngine, core: TokenEngine, steps: readonly Step[]): Promise<void> {
  const kernel = await createTestKernel({ llm: core, policies: { llm: roundRobin({ quantumTokens: 7 }) } })
  const agents = Array.from({ length: 6 }, (_, n) => start(kernel, n, core === engine))
  for (const each of steps) {
    if (each.do === 'advance') await kernel.clock.advance(each.ms)
    else act(kernel, agents, each)
  }
  for (const { process } of agents) process.resume()
  await kernel.clock.runAll(100_000)
  expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  expect(kernel.clock.pending).toBe(0)
  for (const { outcome } of agents) {
    const whole = engine.answerTo({
      ...ask(outcome.question),
      ...(core === engine ? { maxOutputTokens: outcome.most } : {}),
    })
    // 1: it returned, and only once; 2: it was given up in the middle of a text that was right as far as it went.
    expect([1, 2]).toContain(outcome.ended)
    if (outcome.ended === 1) expect(outcome.text).toBe(whole)
    else expect(whole.startsWith(outcome.text)).toBe(true)
  }
  await kernel.close()
}

describe('answers that are cut, suspended, resumed, killed and reordered at random', () => {
  it.each(['state', 'prefix'] as const)(
    'all end, once, with the text that they would have had (%s)',
    async (resume) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 40 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 0, max: 5 }),
          async (steps, concurrency, units) => {
            const engine = tokenEngine({ resume, tokens: 60, tokenMs: 10, limits: { concurrency } })
            await play(engine, resume === 'prefix' && units > 0 ? inPieces(engine, units) : engine, steps)
          },
        ),
        { numRuns: runs(40, 2_000) },
      )
    },
  )
})
