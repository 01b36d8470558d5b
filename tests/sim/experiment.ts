import {
  criticalPath,
  fairShare,
  fifo,
  hybrid,
  leastAttained,
  predictedShortest,
  roundRobin,
  type PolicyDefinition,
} from '@aios/kernel'
import { seededRandom } from '../sampling/seeded-random.js'
import type { LaneHost, LaneLike } from './engine/lane-like.js'
import { SimLane } from './engine/sim-lane.js'
import { SlicedLane } from './engine/sliced-lane.js'
import { simulate } from './engine/simulation.js'
import { figuresOf, type Figures } from './figure/figures.js'
import { AiosBatchLane } from './rival/aios-batch-lane.js'
import { clairvoyant } from './rival/clairvoyant.js'
import { azureTrace, syntheticTrace, type TraceName } from './workload/azure-trace.js'
import { fanOut, hog, sequential, type Source, type Volume } from './workload/workloads.js'
import type { Program } from './workload/program.js'

/** Is one workload under every policy. */
export interface Experiment {
  readonly id: string
  readonly title: string
  /** Where the sizes of calls come from. */
  readonly trace: string
  readonly figures: readonly Figures[]
}

/** Is what experiments are run with. */
export interface Settings {
  readonly seed: number
  readonly programs: number
  readonly trace: TraceName
}

const SLOTS = 16
/** Milliseconds that a local core needs to save the state of an answer, and to restore it. */
const SWITCH_MS = 50

/** Is a way to give out the slots of a core. */
interface Contender {
  readonly name: string
  readonly lane: (host: LaneHost) => LaneLike
}

/** Runs a policy as the kernel does. */
export function under(policy: PolicyDefinition, slots: number): (host: LaneHost) => LaneLike {
  return (host) => new SimLane(policy, slots, host)
}

/** Lists every policy with its defaults, as a user gets them, and the original's loop. */
function contenders(): readonly Contender[] {
  const policies = [
    fifo(),
    roundRobin(),
    fairShare(),
    leastAttained(),
    criticalPath(),
    predictedShortest(),
    hybrid(),
    clairvoyant(),
  ]
  const batch: Contender = { name: 'AIOS batch', lane: (host) => new AiosBatchLane(SLOTS, host) }
  return [batch, ...policies.map((policy) => ({ name: policy.name, lane: under(policy, SLOTS) }))]
}

/** Lists what a local core with one slot, which saves its state, can be given. */
function localContenders(): readonly Contender[] {
  const uncut = [fifo(), roundRobin(), leastAttained()].map((policy) => ({ name: policy.name, lane: under(policy, 1) }))
  const cut = [
    { name: 'roundRobin, slices of 2 s', policy: roundRobin({ quantumMs: 2_000 }) },
    { name: 'leastAttained, cut', policy: leastAttained() },
    { name: 'hybrid, cut', policy: hybrid() },
  ].map(({ name, policy }) => ({
    name,
    lane: (host: LaneHost) => new SlicedLane(policy, { slots: 1, switchMs: SWITCH_MS }, host),
  }))
  return [...uncut, ...cut, { name: 'clairvoyant SRPT', lane: under(clairvoyant(), 1) }]
}

/** Returns the sizes of calls to draw from, and what they are. */
export function traceOf(name: TraceName, seed: number): { readonly trace: Source['trace']; readonly what: string } {
  const trace = azureTrace(name)
  return trace === undefined
    ? { trace: syntheticTrace(seededRandom(seed)), what: 'synthetic sizes, because AIOS_DATA_DIR is not set' }
    : { trace, what: `sizes of the Azure 2023 ${name} trace` }
}

/** Runs one workload under every policy. */
function compare(
  { id, title, among = contenders() }: Pick<Experiment, 'id' | 'title'> & { readonly among?: readonly Contender[] },
  settings: Settings,
  workload: (source: Source) => readonly Program[],
): Experiment {
  const { trace, what } = traceOf(settings.trace, settings.seed)
  const programs = workload({ trace, random: seededRandom(settings.seed) })
  const figures = among.map(({ name, lane }) => figuresOf(name, simulate({ programs, lane })))
  return { id, title, trace: what, figures }
}

/** Compares policies on a local core, with and without cutting answers. */
function local(settings: Settings): Experiment {
  const volume: Volume = { programs: Math.ceil(settings.programs / 4), slots: 1, load: 0.9 }
  return compare(
    {
      id: 'local',
      title: 'A local core with one slot that saves its state, at 90 % load',
      among: localContenders(),
    },
    settings,
    (source) => sequential(source, volume),
  )
}

/** Runs all experiments. */
export function experiments(settings: Settings): readonly Experiment[] {
  const volume = (load: number): Volume => ({ programs: settings.programs, slots: SLOTS, load })
  const loads = [0.7, 0.9, 1.2].map((load) =>
    compare({ id: `load-${load * 100}`, title: `Agents in sequence at ${load * 100} % load` }, settings, (source) =>
      sequential(source, volume(load)),
    ),
  )
  return [
    ...loads,
    compare({ id: 'fan-out', title: 'Agents that ask helpers at once, at 90 % load' }, settings, (source) =>
      fanOut(source, volume(0.9)),
    ),
    local(settings),
    compare({ id: 'hog', title: 'One agent posts 5,000 calls, 20 others work' }, settings, hog),
  ]
}
