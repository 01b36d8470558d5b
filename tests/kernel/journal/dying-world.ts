import { createKernel, defineSyscall, ramRecords, type Kernel, type UnknownCall } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel/driver'
import type { VirtualClock } from '@aios/kernel/testing'
import { scriptedCore } from '@aios/llm/testing'
import { defineTool, tools, type Tool } from '@aios/tools'
import { z } from 'zod'

/** Is the outside of an agent, and the moment at which the process that runs it dies: nothing moves from then on. */
export class DyingWorld {
  readonly store = ramRecords()
  /** What the keyed row applied, in its order, and what each key was answered. */
  readonly applied: string[] = []
  readonly #answers = new Map<string, unknown>()
  /** What the tool did, which must not be done twice. */
  readonly sent: string[] = []
  /** How often a repeatable row was served. */
  asked = 0
  moments = 0
  diesAt = Number.POSITIVE_INFINITY
  life = 0

  /** Passes a moment, or never does. */
  async moment(life: number): Promise<void> {
    if (life === this.life) this.moments += 1
    if (life !== this.life || this.moments >= this.diesAt) await new Promise<never>(() => undefined)
  }

  get isDead(): boolean {
    return this.moments >= this.diesAt
  }

  /** Ends the life that runs, and begins the next. */
  reborn(diesAt = Number.POSITIVE_INFINITY): void {
    this.life += 1
    this.moments = 0
    this.diesAt = diesAt
  }

  /** The store as one life sees it. */
  records(): RecordStore {
    const { store, life } = this
    const guard = async <T>(act: () => Promise<T>): Promise<T> => {
      await this.moment(life)
      const result = await act()
      await this.moment(life)
      return result
    }
    return {
      ...store,
      id: store.id,
      durability: store.durability,
      open: () => store.open(),
      close: () => store.close(),
      get: (...given) => guard(() => store.get(...given)),
      getMany: (...given) => guard(() => store.getMany(...given)),
      range: (...given) => store.range(...given),
      put: (...given) => guard(() => store.put(...given)),
      remove: (...given) => guard(() => store.remove(...given)),
      batch: (...given) => guard(() => store.batch(...given)),
      watch: (...given) => store.watch(...given),
      size: (...given) => store.size(...given),
      compact: () => store.compact(),
      export: () => store.export(),
      import: (...given) => store.import(...given),
    }
  }

  /** Starts a kernel in the life that runs. */
  async kernel(clock: VirtualClock, more: readonly Tool[] = []): Promise<Kernel> {
    const { life } = this
    const put = defineSyscall({
      name: 'effect.put',
      request: z.object({ name: z.string() }),
      effect: 'keyed',
      lane: 'effect',
      execute: async ({ name }, call) => {
        await this.moment(life)
        const key = call.key ?? 'none'
        if (!this.#answers.has(key)) {
          this.applied.push(name)
          this.#answers.set(key, { stored: name, number: this.applied.length })
        }
        await this.moment(life)
        return this.#answers.get(key)
      },
    })
    const send = defineTool({
      name: 'send',
      description: 'Sends a letter.',
      input: z.object({ to: z.string() }),
      execute: async ({ to }) => {
        await this.moment(life)
        this.sent.push(to)
        await this.moment(life)
        return `sent to ${to}`
      },
    })
    const store = defineTool({
      name: 'store',
      description: 'Stores twice, through syscalls of its own.',
      input: z.object({ name: z.string() }),
      execute: async ({ name }, { sys }) => {
        await sys.call('effect.put', { name: `${name}-a` })
        await sys.call('effect.put', { name: `${name}-b` })
        return `stored ${name}`
      },
    })
    const file = defineTool({
      name: 'file',
      description: 'Stores once, however often it is run.',
      input: z.object({ name: z.string() }),
      idempotent: true,
      execute: async ({ name }, { sys }) => {
        await this.moment(life)
        await sys.call('effect.put', { name })
        await this.moment(life)
        return `filed ${name}`
      },
    })
    return createKernel({
      llm: scriptedCore(
        Array.from({ length: 500 }, () => async (request) => {
          await this.moment(life)
          this.asked += 1
          const { content } = request.messages.at(-1) as { readonly content: string }
          await this.moment(life)
          return { text: `answer to ${content}` }
        }),
      ),
      tools: tools([send, store, file, ...more]),
      syscalls: [put],
      records: this.records(),
      journal: true,
      clock,
    })
  }

  /** Tells the truth about a letter. */
  readonly onUnknown = ({ request }: UnknownCall): 'retry' | { readonly result: unknown } => {
    const { name, input } = request as {
      readonly name: string
      readonly input: { readonly to?: string; readonly name?: string }
    }
    if (!name.endsWith('send')) return 'retry'
    const { to = '' } = input
    return this.sent.includes(to) ? { result: { name: 'local/send', output: `sent to ${to}` } } : 'retry'
  }
}

/** Is how a life of a run ended: with an answer, or in death. */
export type Fate = { readonly answer: unknown } | { readonly error: unknown } | 'died' | 'stuck'

/** Lets a promise settle, turning the clock; ends with it, with the death of the world, or when nothing moves any more. */
export async function live(world: DyingWorld, clock: VirtualClock, promise: Promise<unknown>): Promise<Fate> {
  let fate: Fate | undefined
  promise.then(
    (answer) => {
      fate = { answer }
    },
    (error: unknown) => {
      fate = { error }
    },
  )
  for (let turn = 0; turn < 400 && fate === undefined; turn += 1) {
    await clock.settle()
    if (fate !== undefined) break
    if (world.isDead) return 'died'
    await clock.advance(100)
  }
  return fate ?? 'stuck'
}
