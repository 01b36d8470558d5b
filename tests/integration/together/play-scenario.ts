import { getEventListeners } from 'node:events'
import { expect } from 'vitest'
import type { AgentProcess, Priority, Sys, ToolDriver } from '@aios/kernel'
import { createTestKernel, type TestKernel } from '@aios/kernel/testing'
import { ask } from '../preemption/ground.js'
import { policyOf, type AgentPlan, type Scenario, type Step } from './arbitrary-scenario.js'
import { faultyCore, type FaultyCore } from './faulty-core.js'

/** Is an agent that runs, and what it has heard. */
interface Actor {
  readonly process: AgentProcess<void>
  readonly controller: AbortController
  /** Texts with the questions that they answer, and whether they are whole. */
  readonly heard: { readonly question: string; text: string; whole: boolean }[]
  ends: number
}

/** Is what one run works on. */
interface Stage {
  readonly kernel: TestKernel
  readonly cores: Readonly<Record<'state' | 'prefix', FaultyCore>>
  readonly actors: Actor[]
}

/** Calls a model inside a tool that holds a key. */
const tools: ToolDriver = {
  kind: 'tool',
  id: 'tools',
  list: () => [],
  resolve: (name) => ({ name, description: 'Asks.', inputSchema: { type: 'object' } }) as never,
  prepare: (_, input) => {
    const prepared = {
      conflictKeys: ['key'],
      run: async (call: { readonly sys: Sys }) =>
        (await call.sys.llm.chat({ ...ask((input as { question: string }).question), model: 'state' })).text,
    }
    return prepared
  },
}

async function act(sys: Sys, { kind, core, deadlineMs }: AgentPlan, heard: Actor['heard'][number]): Promise<void> {
  const request = { ...ask(heard.question), model: core }
  const options = deadlineMs === undefined ? {} : { deadlineMs }
  if (kind === 'chat') {
    heard.text = (await sys.llm.chat(request, options)).text
  } else if (kind === 'tool') {
    const reply = await sys.tool.call({ name: 'local/ask', input: { question: heard.question } }, options)
    heard.text = String(reply.output)
  } else {
    for await (const part of sys.llm.stream(request, options)) {
      if (part.type === 'text-delta') heard.text += part.text
      if (kind === 'leave' && heard.text.length > 40) return
    }
  }
  heard.whole = true
}

async function live(sys: Sys, plan: AgentPlan, { n, actor }: { n: number; actor: Actor }): Promise<void> {
  for (let call = 0; call < plan.calls; call += 1) {
    const heard = { question: `Agent ${n} asks ${call}: what of the queue?`, text: '', whole: false }
    actor.heard.push(heard)
    if (plan.kind === 'child') {
      const { pid } = await sys.agent.spawn({
        agent: (child: Sys) => act(child, plan, heard),
        detached: n % 2 === 0,
        name: `${plan.tenant} child of ${n}`,
      })
      await sys.agent.wait({ pid })
    } else if (plan.kind === 'slow') {
      const two = { question: `${heard.question} And then?`, text: '', whole: false }
      actor.heard.push(two)
      await Promise.allSettled([act(sys, plan, heard), act(sys, plan, two)])
    } else {
      await act(sys, plan, heard).catch((error: unknown) => {
        if (call === plan.calls - 1) throw error
      })
    }
  }
}

function start(kernel: TestKernel, plan: AgentPlan, n: number): Actor {
  const controller = new AbortController()
  const actor: Omit<Actor, 'process'> & { process?: AgentProcess<void> } = { controller, heard: [], ends: 0 }
  actor.process = kernel.spawn((sys) => live(sys, plan, { n, actor: actor as Actor }), undefined, {
    name: `${plan.tenant} ${n}`,
    tenant: plan.tenant,
    priority: plan.priority as Priority,
    budget: plan.tokens === undefined ? undefined : { tokens: plan.tokens },
    limits: plan.limits,
    signal: plan.signal ? controller.signal : undefined,
  })
  const ended = (): void => void (actor.ends += 1)
  actor.process.result.then(ended, ended)
  return actor as Actor
}

function play({ kernel, actors }: Stage, step: Exclude<Step, { do: 'advance' }>): void {
  if (step.do === 'policy') kernel.setPolicy('llm', policyOf(step.policy))
  else if (step.do === 'remove') kernel.devices.remove('llm/prefix').catch(() => undefined)
  else if (step.do === 'ready') kernel.ready('llm/state').catch(() => undefined)
  else {
    const { process, controller } = actors[step.who % actors.length] as Actor
    if (step.do === 'suspend') process.suspend()
    else if (step.do === 'resume') process.resume()
    else if (step.do === 'kill') process.kill('chaos')
    else if (step.do === 'abort') controller.abort(new Error('enough'))
    else if (step.do === 'raise') process.setPriority((step.who % 8) as Priority)
    else
      kernel
        .spawn((sys) => sys.agent.wait({ pid: process.pid }), undefined, { priority: 7 })
        .result.catch(() => undefined)
  }
}

/** Counts the most that any minute holds. */
function mostInAMinute(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Math.max(0, ...sorted.map((at, index) => sorted.slice(index).filter((other) => other < at + 60_000).length))
}

function check({ cores, actors }: Stage, { state, prefix, free, hook }: Scenario): void {
  for (const [core, limits] of [
    [cores.state, state],
    [cores.prefix, prefix],
  ] as const) {
    expect(core.load.most).toBeLessThanOrEqual(limits.concurrency)
    expect(core.load.now).toBe(0)
    if (limits.rpm !== undefined) expect(mostInAMinute(core.starts.map(({ at }) => at))).toBeLessThanOrEqual(limits.rpm)
  }
  const asked = [...cores.state.starts, ...cores.prefix.starts].filter(({ agent }) => agent.startsWith('free'))
  if (free.rpm !== undefined)
    expect(mostInAMinute(asked.filter(({ isNew }) => isNew).map(({ at }) => at))).toBeLessThanOrEqual(free.rpm)
  for (const { heard, ends, controller } of actors) {
    expect(ends).toBe(1)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    for (const { question, text, whole } of heard) {
      const right = cores.state.engine.answerTo(ask(question))
      if (whole && !(hook === 'race' && text === 'early')) expect(right.startsWith(text)).toBe(true)
      else if (!whole) expect(right.startsWith(text)).toBe(true)
    }
  }
}

async function build(options: Scenario): Promise<Stage> {
  const faults = options.faults.filter((fault) => fault !== 'none')
  const clock = { now: () => 0 }
  const tenantMost = options.free.concurrency ?? Number.POSITIVE_INFINITY
  const all: FaultyCore[] = []
  const onLoad = (): void => {
    const free = all.flatMap(({ agents }) => agents).filter((agent) => agent.startsWith('free'))
    expect(free.length).toBeLessThanOrEqual(tenantMost)
  }
  const core = (id: 'state' | 'prefix'): FaultyCore => {
    const { failures, ...limits } = options[id]
    const made = faultyCore({
      id,
      limits: { ...limits, breaker: { failures, openMs: 200, giveUpMs: 5_000 } },
      faults: [...options.faults].filter((fault) => fault !== 'none' || faults.length > 0),
      now: () => clock.now(),
      onLoad,
    })
    all.push(made)
    return made
  }
  const cores = { state: core('state'), prefix: core('prefix') }
  const kernel = await createTestKernel({
    llm: [cores.state.driver, cores.prefix.driver],
    tools,
    policies: { llm: policyOf(options.policy) },
    tenants: { free: { limits: options.free } },
    limits: { streamIdleMs: 700 },
  })
  clock.now = () => kernel.clock.now()
  if (options.hook === 'pass') kernel.use({ around: (_, next) => next() })
  if (options.hook === 'race')
    kernel.use(
      {
        around: (_, next) =>
          Promise.race([
            next(),
            new Promise((resolve) => kernel.clock.after(450, () => void resolve({ text: 'early' }))),
          ]),
      },
      'llm.chat',
    )
  return { kernel, cores, actors: options.agents.map((plan, n) => start(kernel, plan, n)) }
}

/** Plays a scenario to its end, and checks that nothing is left of it. */
export async function playScenario(options: Scenario, steps: readonly Step[]): Promise<void> {
  const stage = await build(options)
  const { kernel, actors } = stage
  for (const step of steps) {
    if (step.do === 'advance') await kernel.clock.advance(step.ms)
    else play(stage, step)
  }
  for (const { process } of actors) process.resume()
  const closed = options.close === 'idle' ? undefined : kernel.close({ drain: options.close === 'drain' })
  await kernel.clock.runAll()
  await closed
  expect(kernel.stats().outstanding).toBe(0)
  for (const lane of kernel.stats().lanes) expect(lane).toMatchObject({ running: 0, queued: 0 })
  expect(kernel.clock.pending).toBe(0)
  check(stage, options)
  await kernel.close()
}
