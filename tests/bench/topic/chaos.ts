import { AiosError, createKernel, type Kernel } from '@aios/kernel'
import { brokenCore, brokenMemory, puppet, type Mischief, type Puppet } from '../ground/mischief.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { SteppedClock } from '../ground/stepped-clock.js'
import { liveBytes } from '../measure/collect-garbage.js'
import { loopDelay } from '../measure/loop-delay.js'
import { nextTurn } from '../measure/next-turn.js'
import { atMost, digits, floored, type Check, type Section } from '../measure/report.js'
import { slope } from '../measure/summary.js'
import type { Mode } from './mode.js'

const AGENTS = 64
const SLOTS = 256
const IN_FLIGHT = 4_000
const REASON = new Error('the caller went away')
const whole = (count: number): string => count.toLocaleString('en-US')

/** What becomes of calls, in parts of a thousand; the rest are answered. */
const PARTS: readonly (readonly [Mischief | 'abort', number])[] = [
  ['throw', 60],
  ['reject', 60],
  ['hang', 15],
  ['deaf', 5],
  ['refuse', 5],
  ['abort', 15],
  ['promise', 420],
]

/** Is a kernel in bad company, and the books of what was asked of it. */
class Company {
  readonly clock = new SteppedClock()
  readonly kernel: Kernel
  readonly tally = { made: 0, settled: 0, unlawful: 0, twice: 0, kills: 0, suspends: 0, jumps: 0 }
  readonly #events: Uint8Array
  readonly #agents: Puppet[] = []
  readonly #dice = seededRandom(7)
  readonly #suspended: Puppet[] = []
  #turns = 0

  private constructor(kernel: Kernel, clock: SteppedClock, calls: number) {
    this.kernel = kernel
    this.clock = clock
    this.#events = new Uint8Array(calls * 2)
    kernel.on('syscall:settled', ({ id }) => {
      const times = (this.#events[id] as number) + 1
      this.#events[id] = times
      if (times > 1) this.tally.twice += 1
    })
  }

  static async make(calls: number): Promise<Company> {
    const clock = new SteppedClock()
    const kernel = await createKernel({
      clock,
      llm: brokenCore(SLOTS),
      memory: brokenMemory(SLOTS),
      limits: { abandonAfterMs: 10, closeAfterMs: 100 },
    })
    const company = new Company(kernel, clock, calls)
    for (let index = 0; index < AGENTS; index += 1) company.#agents.push(await puppet(kernel))
    return company
  }

  get inFlight(): number {
    return this.tally.made - this.tally.settled
  }

  /** Makes one call of a random agent that goes a random way. */
  call(): void {
    const { tally } = this
    tally.made += 1
    const { sys } = this.#agents[this.#random(AGENTS)] as Puppet
    const how = this.#draw()
    const asked = how === 'abort' ? this.#aborted(sys) : this.#plain(sys, how)
    asked.then(
      () => {
        tally.settled += 1
      },
      (error: unknown) => {
        tally.settled += 1
        if (!AiosError.is(error) && error !== REASON) tally.unlawful += 1
      },
    )
  }

  #random(below: number): number {
    return Math.floor(below * this.#dice())
  }

  #draw(): Mischief | 'abort' {
    let left = this.#random(1_000)
    for (const [how, part] of PARTS) {
      if (left < part) return how
      left -= part
    }
    return 'value'
  }

  #plain(sys: Puppet['sys'], how: Mischief): Promise<unknown> {
    const options = how === 'hang' || how === 'deaf' ? { deadlineMs: 1 + this.#random(5) } : undefined
    if (how === 'refuse' || this.#random(20) === 0)
      return sys.llm.chat({ messages: [{ role: 'user', content: how }] }, options)
    return sys.memory.get({ id: how }, options)
  }

  #aborted(sys: Puppet['sys']): Promise<unknown> {
    const controller = new AbortController()
    const asked = sys.memory.get({ id: 'hang' }, { signal: controller.signal })
    if (this.#random(2) === 0) controller.abort(REASON)
    else
      setImmediate(() => {
        controller.abort(REASON)
      })
    return asked
  }

  /** Lets time pass, and now and then suspends, resumes or kills somebody, or makes the clock jump. */
  async turn(): Promise<void> {
    this.#turns += 1
    const who = this.#random(AGENTS)
    const agent = this.#agents[who] as Puppet
    if (this.#turns % 7 === 0) {
      agent.handle.suspend()
      this.#suspended.push(agent)
      this.tally.suspends += 1
    }
    if (this.#suspended.length > 3) this.#suspended.shift()?.handle.resume()
    if (this.#turns % 31 === 0) {
      agent.handle.kill()
      this.#agents[who] = await puppet(this.kernel)
      this.tally.kills += 1
    }
    const jumps = this.#turns % 97 === 0
    if (jumps) this.tally.jumps += 1
    this.clock.advance(jumps ? 60_000 : 1)
    await nextTurn()
  }

  /** Makes so many calls, never more than some at a time, and lets all of them end. */
  async make(calls: number): Promise<void> {
    for (let left = calls; left > 0;) {
      for (let room = IN_FLIGHT - this.inFlight; room > 0 && left > 0; room -= 1, left -= 1) this.call()
      await this.turn()
    }
    await this.settle()
  }

  /** Resumes everybody, and lets time pass until nothing is outstanding; gives up after an hour of its clock. */
  async settle(): Promise<void> {
    for (const { handle } of this.#suspended.splice(0)) handle.resume()
    for (let turns = 0; this.inFlight > 0 && turns < 36_000; turns += 1) {
      this.clock.advance(100)
      await nextTurn()
    }
    for (let turns = 0; turns < 4; turns += 1) {
      this.clock.advance(100)
      await nextTurn()
    }
  }

  /** Returns how many slots are still taken, and how many calls still wait. */
  leaked(): number {
    const { lanes, outstanding } = this.kernel.stats()
    return lanes.reduce((sum, { running, queued }) => sum + running + queued, outstanding)
  }

  /** Events of settled calls that never came. */
  unheard(): number {
    let heard = 0
    for (const times of this.#events) if (times > 0) heard += 1
    return this.tally.made - heard
  }
}

const none = (what: string, count: number): Check => ({
  what,
  value: count,
  unit: 'calls',
  better: 'less',
  target: 0,
  floor: 0,
})

async function endure(calls: number): Promise<Section> {
  const company = await Company.make(calls)
  await company.make(calls / 20)
  const points = [{ x: 0, y: liveBytes() }]
  const from = performance.now()
  for (let step = 1; step <= 10; step += 1) {
    await company.make(calls / 10)
    points.push({ x: (step * calls) / 10, y: liveBytes() })
  }
  const seconds = (performance.now() - from) / 1_000
  const { tally } = company
  const leaked = company.leaked()
  const unheard = company.unheard()
  const closing = company.kernel.close()
  for (let turns = 0; turns < 40; turns += 1) {
    company.clock.advance(100)
    await nextTurn()
  }
  await closing
  return {
    title: `${whole(tally.made)} calls that throw, reject, hang to a deadline, ignore their signal, are aborted or refused`,
    lines: [
      `${tally.kills} kills, ${tally.suspends} suspends, ${tally.jumps} jumps of the clock by a minute; ${digits(seconds)} s`,
      `heap after collection: ${points.map(({ y }) => digits(y / 2 ** 20)).join(' ')} MiB`,
    ],
    checks: [
      none('never settled', tally.made - tally.settled),
      none('settled twice', tally.twice),
      none('settled without the event of it', unheard),
      none('rejected with what no caller may see', tally.unlawful),
      none('slots and places in queues not given back', leaked),
      // Over few calls the warming up of the code itself is most of what grows.
      ...(calls >= 1e7 ? [atMost('growth of the heap', slope(points), [0.1, 'bytes a call'])] : []),
    ],
  }
}

/** A million of them queue at once; how long may anything else have to wait while they are worked off? */
async function crowd(calls: number): Promise<Section> {
  const company = await Company.make(calls)
  for (let made = 0; made < calls; made += 1) {
    company.call()
    if (made % 10_000 === 0) await nextTurn()
  }
  const queued = company.inFlight
  const delay = await loopDelay(async () => {
    while (company.inFlight > 0) {
      company.clock.advance(1)
      await nextTurn()
    }
  })
  const leaked = company.leaked()
  return {
    title: `Event loop while ${whole(queued)} such calls are worked off`,
    lines: [
      `p99 between turns ${digits(delay.wallP99)} ms by the clock, ${digits(delay.cpuP99)} ms of processor time over ${whole(delay.turns)} turns`,
    ],
    checks: [
      floored(atMost('event-loop delay p99', Math.min(delay.wallP99, delay.cpuP99), [15, 'ms']), 30),
      none('left over', leaked),
    ],
  }
}

/** Puts a kernel into bad company and counts what is lost. */
export async function chaos(mode: Mode): Promise<readonly Section[]> {
  return [await endure(mode === 'full' ? 10_000_000 : 200_000), await crowd(mode === 'full' ? 1_000_000 : 100_000)]
}
