import { createKernel, fifo, roundRobin, type Kernel, type PolicyDefinition } from '@aios/kernel'
import { virtualClock } from '@aios/kernel/testing'
import { tokenEngine } from '@aios/llm/testing'
import { quantile } from '../../sampling/quantile.js'
import { atLeast, atMost, digits, type Check, type Section } from '../measure/report.js'
import type { Mode } from './mode.js'

const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] })
const [ONE, TWO] = [ask('Tell me of the kernel.'), ask('Tell me of the queue.')]

/** Is a policy that ends every slice after so many tokens. */
function slicesOf(tokens: number): PolicyDefinition {
  return {
    name: 'slicesOf',
    create: (lane) =>
      Object.assign(fifo().create(lane), {
        preempts: (_: unknown, slice: { readonly outputTokens: number }) => slice.outputTokens >= tokens,
      }),
  }
}

/** Lets two answers cut each other at every place of theirs; tells how many came out as they would have uncut. */
async function everyCut(resume: 'state' | 'prefix', tokens: number): Promise<Section> {
  let [same, cuts] = [0, 0]
  for (let slice = 1; slice <= tokens; slice += 1) {
    const engine = tokenEngine({ resume, tokens, limits: { concurrency: 1 } })
    const kernel = await createKernel({ llm: engine, policies: { llm: slicesOf(slice) } })
    kernel.on('syscall:preempted', () => (cuts += 1))
    const asked = [ONE, TWO].map((request, index) => kernel.sys({ name: `agent ${index}` }).llm.chat(request))
    const [one, two] = await Promise.all(asked)
    if (one?.text === engine.answerTo(ONE)) same += 1
    if (two?.text === engine.answerTo(TWO)) same += 1
    await kernel.close()
  }
  const all = 2 * tokens
  return {
    title: `Two answers of ${tokens} tokens on one slot, cut after every 1, 2, … ${tokens} tokens; the core goes on from its ${resume}`,
    lines: [`${cuts} cuts; ${same} of ${all} answers are byte for byte those without a cut`],
    checks: [{ ...atLeast('answers the same', same, [all, `of ${all}`]), floor: all }],
  }
}

/** Measures what a cut costs on a core that takes no time: the difference to the same answers uncut, over the cuts. */
async function cost(tokens: number, rounds: number): Promise<Section> {
  const spent = { cut: [] as number[], uncut: [] as number[] }
  let cuts = 0
  for (let round = 0; round < 2 * rounds; round += 1) {
    const side = round % 2 === 0 ? 'cut' : 'uncut'
    const engine = tokenEngine({ tokens, limits: { concurrency: 1 } })
    const policy = side === 'cut' ? roundRobin({ quantumTokens: 8 }) : roundRobin()
    const kernel = await createKernel({ llm: engine, policies: { llm: policy } })
    const before = cuts
    kernel.on('syscall:preempted', () => (cuts += 1))
    const from = process.cpuUsage()
    await Promise.all([ONE, TWO].map((request, index) => kernel.sys({ name: `agent ${index}` }).llm.chat(request)))
    const { user, system } = process.cpuUsage(from)
    spent[side].push(user + system)
    if (side === 'cut' && cuts === before) throw new Error('Nothing was cut.')
    await kernel.close()
  }
  const median = (values: readonly number[]): number => quantile(Float64Array.from(values).sort(), 0.5)
  const [cut, uncut] = [median(spent.cut), median(spent.uncut)]
  const each = (cut - uncut) / (cuts / rounds)
  return {
    title: `Processor time of a cut: two answers of ${tokens} tokens, with and without slices of 8, in turn`,
    lines: [
      `uncut ${digits(uncut / 1_000)} ms, ${digits(cuts / rounds)} cuts ${digits(cut / 1_000)} ms: ${digits(each)} us a cut, ${digits(uncut / 2 / tokens)} us a token`,
    ],
    checks: [],
  }
}

/** Asks urgent things of a slot that long answers have; returns how long each took to its first word, in virtual time. */
async function urgent(policy: PolicyDefinition, questions: number): Promise<readonly number[]> {
  const clock = virtualClock()
  const engine = tokenEngine({ tokens: 2_000, tokenMs: 12, limits: { concurrency: 1 } })
  const kernel = await createKernel({ llm: engine, clock, policies: { llm: policy } })
  const times: number[] = []
  const long = Array.from({ length: 3 }, (_, index) => write(kernel, index, questions))
  const asking = (async () => {
    const sys = kernel.sys({ name: 'urgent', priority: 7 })
    for (let n = 0; n < questions; n += 1) {
      await new Promise<void>((resolve) => {
        clock.after(5_000 + 37 * n, resolve)
      })
      const from = clock.now()
      for await (const part of sys.llm.stream({ ...ask(`Question ${n}`), maxOutputTokens: 20 }))
        if (part.type === 'text-delta' && times.length === n) times.push(clock.now() - from)
    }
  })()
  let done = false
  void asking.then(() => (done = true))
  while (!done) await clock.advance(1_000)
  kernel.killAll()
  await Promise.allSettled(long)
  await kernel.close()
  return times
}

/** Asks for one long answer after another. */
async function write(kernel: Kernel, index: number, times: number): Promise<void> {
  const agent = kernel.spawn(
    async (sys) => {
      for (let n = 0; n < times; n += 1) await sys.llm.chat(ask(`Write book ${n} of ${index}.`))
    },
    undefined,
    { name: `writer ${index}` },
  )
  await agent.result
}

async function firstWords(questions: number): Promise<Section> {
  const sides = [
    ['uncut', roundRobin()],
    ['slices of 32 tokens', roundRobin({ quantumTokens: 32 })],
  ] as const
  const found = []
  for (const [name, policy] of sides) {
    const times = Float64Array.from(await urgent(policy, questions)).sort()
    found.push({ name, p50: quantile(times, 0.5), p99: quantile(times, 0.99) })
  }
  const [uncut, cut] = found as [(typeof found)[0], (typeof found)[0]]
  const better: Check = atLeast('p99 uncut over cut', uncut.p99 / cut.p99, [10, 'x'])
  return {
    title: `Time to the first word of ${questions} urgent calls on one slot that three writers of 2,000 tokens share, in virtual time`,
    lines: found.map(({ name, p50, p99 }) => `${name.padEnd(20)} p50 ${digits(p50)} ms, p99 ${digits(p99)} ms`),
    checks: [better, atMost('p99 with slices', cut.p99, [500, 'ms'])],
  }
}

/** Measures what cutting answers brings and costs, and that it changes none. */
export async function preempt(mode: Mode): Promise<readonly Section[]> {
  const isFull = mode === 'full'
  return [
    await everyCut('state', isFull ? 200 : 32),
    await everyCut('prefix', isFull ? 200 : 32),
    await firstWords(isFull ? 100 : 10),
    await cost(isFull ? 4_000 : 400, isFull ? 15 : 3),
  ]
}
