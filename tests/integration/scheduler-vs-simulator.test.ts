/** The simulator says what the kernel does: the same policies, the same programs, the same calls at the same times. */
import { fairShare, fifo, hybrid, leastAttained, roundRobin, type LlmDriver, type PolicyDefinition } from '@aios/kernel'
import { createTestKernel } from '@aios/kernel/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runs } from '../setup/runs.js'
import { simulate } from '../sim/engine/simulation.js'
import { under } from '../sim/experiment.js'
import type { Call, Program } from '../sim/workload/program.js'

const numRuns = runs(30, 2_000)
/** Times that no two events share: which of two that fall together comes first is nobody's promise. */
const serviceTime = ({ input, output }: Call): number => 10 + input * 1.000_13 + output * 7.000_37

/** `program-1 at 12.5`, a line a start. */
type Starts = readonly string[]

const line = (name: string, now: number): string => `${name} at ${now.toFixed(6)}`

function simulated(programs: readonly Program[], slots: number, policy: PolicyDefinition): Starts {
  const starts: string[] = []
  const onStart = ({ owner }: { owner: { name: string } }, now: number) => void starts.push(line(owner.name, now))
  simulate({ programs, lane: under(policy, slots), serviceTime, onStart })
  return starts
}

/** Runs the programs as agents of a kernel, on a core that takes as long as the simulated one. */
async function real(programs: readonly Program[], slots: number, policy: PolicyDefinition): Promise<Starts> {
  const starts: string[] = []
  const from = { at: 0 }
  const sizes: Call[] = []
  let clock: { now(): number; after(ms: number, callback: () => void): unknown } | undefined
  const core: LlmDriver = {
    kind: 'llm',
    id: 'main',
    model: 'm',
    limits: { concurrency: slots },
    open: (services) => {
      clock = services.clock
    },
    chat: async ({ messages }, { agent }) => {
      const call = sizes[Number((messages[0]!.content as string).trim())]!
      starts.push(line(agent, clock!.now() - from.at))
      await new Promise<void>((resolve) => void clock!.after(serviceTime(call), resolve))
      const usage = { input: { total: call.input }, output: { total: call.output } }
      return { parts: [{ type: 'text', text: 'ok' }], finish: { unified: 'stop' }, usage }
    },
  }
  const kernel = await createTestKernel({ llm: core, policies: { llm: policy } })
  from.at = kernel.clock.now()
  for (const program of programs) {
    kernel.clock.after(program.arrivesAt, () => {
      void kernel.run(
        async (sys) => {
          for (const { calls, gapMs } of program.steps) {
            const call = calls[0]!
            // The kernel estimates a token for four characters and one for the message.
            const content = String(sizes.push(call) - 1).padEnd((call.input - 1) * 4)
            await sys.llm.chat({ messages: [{ role: 'user', content }] })
            await new Promise<void>((resolve) => void kernel.clock.after(gapMs, resolve))
          }
        },
        undefined,
        { name: program.name },
      )
    })
  }
  await kernel.clock.runAll()
  await kernel.close()
  return starts
}

const call = fc.record({ input: fc.integer({ min: 4, max: 400 }), output: fc.integer({ min: 1, max: 200 }) })
const time = (max: number) => fc.double({ min: 0.001, max, noNaN: true })
const workload = fc
  .array(
    fc.record({ arrivesAt: time(3_000), steps: fc.array(fc.tuple(call, time(500)), { minLength: 1, maxLength: 6 }) }),
    {
      minLength: 2,
      maxLength: 8,
    },
  )
  .map((given) =>
    given.map(({ arrivesAt, steps }, index): Program => {
      const name = `program-${index}`
      const each = steps.map(([one, gapMs]) => ({ calls: [one], gapMs }))
      // No two come in the same moment.
      return { name, tenant: 'default', arrivesAt: arrivesAt + index * 0.000_71, steps: each, counted: true }
    }),
  )

it.each([fifo(), roundRobin(), fairShare(), leastAttained(), hybrid()])(
  'under $name the simulator starts every call when the kernel does',
  async (policy) => {
    await fc.assert(
      fc.asyncProperty(workload, fc.integer({ min: 1, max: 3 }), async (programs, slots) => {
        expect(simulated(programs, slots, policy)).toEqual(await real(programs, slots, policy))
      }),
      { numRuns },
    )
  },
)
