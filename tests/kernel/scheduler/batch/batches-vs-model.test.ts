import { fifo, hybrid, priority, roundRobin } from '@aios/kernel'
import type { BatchItem, MemoryAddRequest, MemoryNote, Scoped } from '@aios/kernel/driver'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../setup/runs.js'
import { heldMemory, noteOf, watch, type Watched } from '../../fake-drivers.js'
import { shut, start } from '../../test-bed.js'
import { createTestKernel } from '@aios/kernel/testing'

const PROCESSES = 3
const ABANDON_MS = 40
const POLICIES = { fifo, hybrid, priority, roundRobin }

/** One thing that happens; numbers choose among what there is. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('add' as const), by: fc.nat(PROCESSES - 1), kind: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('get' as const), by: fc.nat(PROCESSES - 1), kind: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('resolve', 'reject'), by: fc.nat(), kind: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('throw' as const), by: fc.nat(), kind: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), by: fc.nat(), kind: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('suspend', 'resume', 'setPolicy', 'kill'),
      by: fc.nat(PROCESSES - 1),
      kind: fc.nat(99),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat(30), kind: fc.nat(1) }) },
)

const history = fc.record({
  maxSize: fc.integer({ min: 1, max: 4 }),
  maxWaitMs: fc.constantFrom(0, 5, 20),
  slots: fc.integer({ min: 1, max: 3 }),
  policy: fc.constantFrom(...(Object.keys(POLICIES) as (keyof typeof POLICIES)[])),
  steps: fc.array(step, { maxLength: 60 }),
})

type Item = BatchItem<Scoped<MemoryAddRequest>, MemoryNote>

/** Is what the model knows of one call. */
interface Known {
  readonly call: Watched
  readonly stop: AbortController
  /** When it last began to wait, and whether it has been with the driver. */
  waitsSince: number
  begun: boolean
  readonly batched: boolean
  readonly by: number
}

/** Is a `run` that goes on: its items, which of them the driver is done with, and how to make it throw. */
interface Run {
  readonly at: number
  readonly items: readonly Item[]
  readonly done: Set<string>
  readonly throws: (error: Error) => void
}

type Settings = Pick<typeof history extends fc.Arbitrary<infer H> ? H : never, 'maxSize' | 'maxWaitMs' | 'slots'>

/** Follows what the driver is given, and holds the lane to its word. */
class Model {
  readonly runs: Run[] = []
  readonly known = new Map<string, Known>()
  readonly #settings: Settings
  now = (): number => 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  run(items: readonly Item[]): Promise<void> {
    return new Promise((_resolve, throws) => {
      const names = items.map(({ request }) => request.content)
      for (const name of names) {
        const known = this.known.get(name)!
        expect([name, known.begun]).toEqual([name, false])
        known.begun = true
      }
      expect(new Set(names.map((name) => name.charAt(0))).size).toBe(1)
      this.runs.push({ at: this.now(), items, done: new Set(), throws })
    })
  }

  /** Names of calls that the driver has, each once. */
  get open(): readonly { readonly run: Run; readonly item: Item }[] {
    return this.runs.flatMap((run) =>
      run.items.filter(({ request }) => !run.done.has(request.content)).map((item) => ({ run, item })),
    )
  }

  /** Everything that has to hold whenever nothing is about to happen. */
  check(lane: { readonly running: number; readonly queued: number }, held: number): void {
    const { maxSize, slots, maxWaitMs } = this.#settings
    expect(lane.running).toBeLessThanOrEqual(slots)
    expect(lane.running).toBeLessThanOrEqual(this.open.length + held)
    expect(lane.running === 0).toBe(this.open.length + held === 0)
    for (const { items } of this.runs) expect(items.length).toBeLessThanOrEqual(maxSize)
    if (lane.running === slots) return
    expect(lane.queued).toBeLessThan(maxSize)
    for (const [name, { call, waitsSince, begun, batched }] of this.known)
      if (call.state === 'pending' && !begun && Number.isFinite(waitsSince))
        expect([name, batched, this.now() - waitsSince < maxWaitMs]).toEqual([name, true, true])
  }
}

describe('a lane with batches', () => {
  it('settles every call once, gives every slot back, and lets none wait too long or be too many', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ steps, policy, ...settings }) => {
        const model = new Model(settings)
        const given: string[] = []
        const memory = {
          ...heldMemory({
            limits: { concurrency: settings.slots },
            onCall: (label) => {
              model.known.get(label)!.begun = true
              given.push(label)
              return undefined
            },
          }),
          batches: {
            'memory.add': {
              maxSize: settings.maxSize,
              maxWaitMs: settings.maxWaitMs,
              key: ({ content }: Scoped<MemoryAddRequest>) => content.charAt(0),
              run: (items: readonly Item[]) => model.run(items),
            },
          },
        }
        const kernel = await createTestKernel({
          memory,
          policies: { memory: POLICIES[policy]() },
          limits: { abandonAfterMs: ABANDON_MS },
        })
        model.now = () => kernel.clock.now()
        const puppets = await Promise.all(Array.from({ length: PROCESSES }, () => start(kernel)))
        const suspended = new Set<number>()
        const lane = () => kernel.stats().lanes[0]!
        const done = (at: { readonly run: Run; readonly item: Item }): void => {
          at.run.done.add(at.item.request.content)
        }
        /** The kernel takes a call back from a driver that keeps it too long after it was given up. */
        const reclaimed = new Map<string, number>()
        const isLost = (name: string): boolean =>
          kernel.clock.now() >= (reclaimed.get(name) ?? Number.POSITIVE_INFINITY) + ABANDON_MS
        const reclaim = (): void => {
          for (const at of model.open) {
            const name = at.item.request.content
            if (at.item.call.signal.aborted && !reclaimed.has(name)) reclaimed.set(name, kernel.clock.now())
            if (isLost(name)) done(at)
          }
          for (const label of memory.held.aborted) if (!reclaimed.has(label)) reclaimed.set(label, kernel.clock.now())
        }
        for (const [index, { do: what, by, kind }] of steps.entries()) {
          if (what === 'advance') {
            for (let ms = 0; ms < by; ms += 1) {
              await kernel.clock.advance(1)
              reclaim()
            }
          } else if (what === 'add' || what === 'get') {
            const name = `${'ab'.charAt(kind)}${index}`
            const stop = new AbortController()
            const { sys } = puppets[by]!
            const batched = what === 'add'
            const waitsSince = suspended.has(by) ? Number.NaN : kernel.clock.now()
            const known: { -readonly [K in keyof Known]: Known[K] } = {
              call: undefined as never,
              stop,
              waitsSince,
              begun: false,
              batched,
              by,
            }
            model.known.set(name, known)
            const { signal } = stop
            known.call = watch(
              batched ? sys.memory.add({ content: name }, { signal }) : sys.memory.get({ id: name }, { signal }),
            )
          } else if (what === 'resolve' || what === 'reject') {
            const { open } = model
            const single = memory.held.running
            if (open.length + single.length > 0) {
              const chosen = by % (open.length + single.length)
              const at = open[chosen]
              if (at === undefined) memory.held.succeed(single[chosen - open.length]!, noteOf('x'))
              else {
                if (what === 'resolve') at.item.resolve(noteOf('x'))
                else at.item.reject(new Error('bad'))
                done(at)
              }
            }
          } else if (what === 'throw') {
            const open = model.runs.filter(({ items, done: ended }) => ended.size < items.length)
            const run = open[by % Math.max(1, open.length)]
            run?.throws(new Error('run'))
            for (const item of run?.items ?? []) run?.done.add(item.request.content)
          } else if (what === 'abort') {
            const pending = [...model.known.values()].filter(({ call }) => call.state === 'pending')
            pending[by % Math.max(1, pending.length)]?.stop.abort(new Error('stop'))
          } else if (what === 'setPolicy') {
            kernel.setPolicy('memory', Object.values(POLICIES)[kind % 4]!())
          } else {
            const { process } = puppets[by]!
            if (what === 'kill' && kind > 10) continue
            process[what]()
            if (what === 'suspend') suspended.add(by)
            if (what === 'resume') suspended.delete(by)
            for (const known of model.known.values())
              if (known.by === by && !known.begun && what !== 'kill')
                known.waitsSince = suspended.has(by) ? Number.NaN : kernel.clock.now()
          }
          reclaim()
          await kernel.clock.settle()
          model.check(lane(), memory.held.running.filter((label) => !isLost(label)).length)
        }
        for (const { process } of puppets) process.resume()
        await kernel.clock.settle()
        for (let round = 0; round < 400 && lane().queued + lane().running > 0; round += 1) {
          for (const at of model.open) {
            at.item.resolve(noteOf('x'))
            done(at)
          }
          for (const label of memory.held.running) memory.held.succeed(label, noteOf(label))
          await kernel.clock.advance(1)
        }
        expect(lane()).toMatchObject({ running: 0, queued: 0 })
        expect([...model.known.values()].filter(({ call }) => call.state === 'pending')).toEqual([])
        expect(kernel.stats().outstanding).toBe(0)
        const {
          fulfilled = 0,
          rejected = 0,
          cancelled = 0,
        } = kernel.stats().rows.find(({ name }) => name === 'memory.add') ?? {}
        expect(fulfilled + rejected + cancelled).toBe([...model.known.values()].filter(({ batched }) => batched).length)
        await shut(kernel)
      }),
      { numRuns: runs(150, 5_000) },
    )
  })
})
