/** `npm run sim`: compares the scheduling policies on simulated programs, and says whether the targets are met. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hybrid, leastAttained, fairShare, type PolicyDefinition } from '@aios/kernel'
import { argumentsOf } from './arguments.js'
import { seededRandom } from '../sampling/seeded-random.js'
import { simulate } from './engine/simulation.js'
import { experiments, traceOf, under, type Experiment } from './experiment.js'
import { picture, page, table } from './report/page.js'
import { sequential } from './workload/workloads.js'

const FOLDER = join('.reports', 'sim')

interface Target {
  readonly what: string
  readonly value: number
  readonly met: boolean
}

/** Compares what the simulation found with what was aimed at. */
function targets(found: readonly Experiment[]): readonly Target[] {
  const of = (id: string, policy: string) =>
    found.find((each) => each.id === id)!.figures.find((each) => each.policy === policy)!
  const slowdown = of('load-120', 'hybrid').slowdownMean
  const bound = slowdown / of('load-120', 'clairvoyant SRPT').slowdownMean
  const overFifo = of('load-120', 'fifo').slowdownMean / slowdown
  const overBatch = of('load-120', 'AIOS batch').slowdownMean / slowdown
  const [fifoHog, hybridHog] = [of('hog', 'fifo'), of('hog', 'hybrid')]
  const better = fifoHog.waitP99 / hybridHog.waitP99
  const makespan = hybridHog.makespan / fifoHog.makespan
  return [
    { what: 'mean slowdown of hybrid at 120 % load, at most 1.2', value: slowdown, met: slowdown <= 1.2 },
    { what: 'the same over clairvoyant SRPT, at most 1.05', value: bound, met: bound <= 1.05 },
    { what: 'mean slowdown of fifo over hybrid, at least 2.5', value: overFifo, met: overFifo >= 2.5 },
    {
      what: "mean slowdown of the original's batches over hybrid, at least 10",
      value: overBatch,
      met: overBatch >= 10,
    },
    { what: 'hog: wait p99 of the others, fifo over hybrid, at least 300', value: better, met: better >= 300 },
    { what: 'hog: makespan of hybrid over fifo, at most 1.01', value: makespan, met: makespan <= 1.01 },
  ]
}

function report(seed: number, programs: number): void {
  const found = [...experiments({ seed, programs, trace: 'conv' })]
  for (const experiment of found) console.log(`${table(experiment)}\n`)
  const checks = targets(found)
  for (const { what, value, met } of checks)
    console.log(`${met ? 'met   ' : 'missed'} ${what}: ${value.toPrecision(4)}`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(
    join(FOLDER, 'figures.json'),
    `${JSON.stringify({ seed, programs, experiments: found }, undefined, 2)}\n`,
  )
  writeFileSync(join(FOLDER, 'report.html'), page(found, seed))
  for (const experiment of found) writeFileSync(join(FOLDER, `${experiment.id}.svg`), picture(experiment))
  console.log(`Written: ${FOLDER}/report.html, figures.json and a picture for each table.`)
  if (checks.some(({ met }) => !met)) process.exitCode = 1
}

/** Simulates very many agents, for the time it takes. */
function crowd(seed: number, agents: number): void {
  const { trace } = traceOf('conv', seed)
  const programs = sequential({ trace, random: seededRandom(seed) }, { programs: agents, slots: 16, load: 1.2 })
  const policies: readonly PolicyDefinition[] = [leastAttained(), fairShare(), hybrid()]
  for (const policy of policies) {
    const from = performance.now()
    const { events, calls, hash } = simulate({ programs, lane: under(policy, 16) })
    const took = (performance.now() - from) / 1_000
    const rate = Math.round(events / took).toLocaleString('en-US')
    const memory = Math.round(process.memoryUsage().rss / 2 ** 20)
    console.log(
      `${policy.name}: ${agents} agents, ${calls} calls, ${took.toFixed(1)} s, ${rate} events/s, ${memory} MiB, hash ${hash}`,
    )
  }
}

const given = argumentsOf(process.argv.slice(2))
if (typeof given === 'string') {
  console.error(given)
  process.exitCode = 2
} else if (given.agents === undefined) report(given.seed, given.programs)
else crowd(given.seed, given.agents)
