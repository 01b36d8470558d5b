import { aiSdkStep, langGraphStep, type StepWork } from '@aios/ground-rivals'
import { createKernel, type Agent, type Kernel } from '@aios/kernel'
import { NOTE, adderTool, toolAsking, valueMemory } from '../ground/no-op-devices.js'
import { interleave, type Contender, type Standing } from '../measure/interleave.js'
import { atLeast, digits, floored, standingLines, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const REQUEST = { messages: [{ role: 'user', content: 'What is 17 + 4?' }] } as const
const NOTE_REQUEST = { id: 'n1' }

const WORK: StepWork = { add: async ({ a, b }) => a + b, note: async () => NOTE }
const answers = async (): Promise<{ name: string; input: { a: number; b: number } }> => ({
  name: 'add',
  input: { a: 17, b: 4 },
})

/** The same three calls with nothing between them and whoever makes them. */
async function bareStep(): Promise<unknown> {
  const { input } = await answers()
  await WORK.add(input)
  return WORK.note('n1')
}

/** An agent that asks its model, runs the tool that the answer asks for, and reads a note. */
const steps: Agent<number, void> = async (sys, count) => {
  for (let made = 0; made < count; made += 1) {
    const { toolCalls } = await sys.llm.chat(REQUEST)
    const [call] = toolCalls
    if (call === undefined) throw new Error('Expected the model to ask for a tool.')
    await sys.tool.call({ name: call.name, input: call.input })
    await sys.memory.get(NOTE_REQUEST)
  }
}

function sequence(name: string, count: number, step: () => Promise<unknown>): Contender {
  return {
    name,
    async batch() {
      for (let made = 0; made < count; made += 1) await step()
      return count
    },
  }
}

function kernelSteps(kernel: Kernel, count: number): Contender {
  return {
    name: 'kernel: llm.chat, tool.call, memory.get',
    async batch() {
      await kernel.run(steps, count)
      return count
    },
  }
}

/** Measures one step of an agent against libraries that do the same with the same functions. */
export async function step(mode: Mode): Promise<readonly Section[]> {
  const kernel = await createKernel({ llm: toolAsking(), tools: adderTool(), memory: valueMemory(16) })
  const standings = await interleave(
    [
      sequence('bare function calls', 2_000, bareStep),
      kernelSteps(kernel, 1_000),
      sequence('AI SDK generateText, then the note', 20, aiSdkStep(WORK)),
      sequence('LangGraph.js, three nodes', 10, langGraphStep(WORK, 'none')),
      sequence('LangGraph.js with MemorySaver', 10, langGraphStep(WORK, 'memory')),
    ],
    mode === 'full' ? { warmup: 40, rounds: 200 } : { warmup: 15, rounds: 30 },
  )
  await kernel.close()
  const [bare, ours, sdk, graph, saved] = standings as [Standing, ...[Standing, Standing, Standing, Standing]]
  const own = ({ microseconds }: Standing): number => microseconds.median - bare.microseconds.median
  const against = (rival: Standing): number => own(rival) / own(ours)
  return [
    {
      title:
        'One step of an agent: a model call, the tool that it asks for, a note from memory; every side the same answers',
      lines: [...standingLines(standings), `beyond the bare calls: kernel ${digits(own(ours))} us a step`],
      checks: [
        floored(atLeast('AI SDK against the kernel, both beyond the bare calls', against(sdk), [100, 'x']), 30),
        atLeast('LangGraph.js against the kernel', against(graph), [250, 'x']),
        atLeast('LangGraph.js with MemorySaver against the kernel', against(saved), [250, 'x']),
      ],
    },
  ]
}
