import { messageText, type Message } from '../driver/message.js'
import type { MemoryHit } from '../driver/memory-driver.js'
import { checkOptions, option } from '../option/check-options.js'
import type { ContextStep, ContextView, StepResult } from './context-step.js'
import { indicesIn, newestUserIndex, unitsOf, without, type Block, type Unit } from './conversation.js'
import { fewestThatFit } from './fewest-that-fit.js'
import { failureOf } from './failure-of.js'
import { needsKernel } from './needs-kernel.js'
import { transcriptOf } from './transcript.js'

/** Is what {@link pageOut} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface PageOutOptions {
  /** Most pages that are brought back, 0 to 100. Default 3. */
  readonly recall?: number | undefined
  /** Tokens that are left free for them, from 0. Default a fifth of the limit. */
  readonly recallTokens?: number | undefined
}

const OPTIONS = option.object({
  recall: option.optional(option.integer(0, 100)),
  recallTokens: option.optional(option.integer(0)),
})
const RECALL = 3
/** Notes that are asked for on each page wanted: among them may be some of other conversations of the same run. */
const CANDIDATES = 8

/** Is the id of the note that a message is the first of, by run. */
type Pages = WeakMap<Message, Map<string, string>>

/**
 * Makes the step that moves the oldest turns to memory, as few as it takes, and leaves a marker. Each exchange becomes a note
 * in the namespace of the process, with the tags `context` and `run:<run id>` and its position as metadata. Of this
 * conversation's notes, those that match the newest message of the user best come back, in the marker. The same message
 * objects are stored once for each run; what fails (no memory, no grant, no space) is told in `failed`, and the next step goes on.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or a value out of range
 * @example
 * ```ts
 * import { contextWindow, createKernel, pageOut, prune } from '@aios/kernel'
 *
 * const kernel = await createKernel()
 * kernel.use(contextWindow({ steps: [pageOut({ recall: 5 }), prune()] }), ['llm.chat', 'llm.stream'])
 * await kernel.close()
 * ```
 */
export function pageOut(options: PageOutOptions = {}): ContextStep {
  checkOptions('pageOut()', options, OPTIONS)
  const pages: Pages = new WeakMap()
  const { recall = RECALL } = options
  return {
    name: 'pageOut',
    async apply(view) {
      const { messages, limitTokens } = view
      const unchanged: StepResult = { messages, droppedMessages: 0, droppedParts: 0 }
      needsKernel(view.sys, 'pageOut()')
      const units = unitsOf(messages)
      if (units.length === 0) return unchanged
      const spare = recall === 0 ? 0 : (options.recallTokens ?? Math.floor(limitTokens / 5))
      const gone = await howMany(view, units, spare)
      if (gone === 0) return unchanged
      const paged = units.slice(0, gone)
      let ids: ReadonlySet<string>
      try {
        ids = await store(view, paged, pages)
      } catch (error) {
        return { ...unchanged, failed: failureOf(error) }
      }
      return {
        droppedMessages: indicesIn(paged).size,
        droppedParts: 0,
        ...(await withPages(view, { paged, ids, recall })),
      }
    },
  }
}

/** Says how many units go: so many that `spare` tokens are left if that can be, else so many that the rest fits. */
async function howMany({ messages, limitTokens, count, runId }: ContextView, units: readonly Unit[], spare: number) {
  const rest = async (gone: number) =>
    count(without(messages, units.slice(0, gone), marker(runId, messages.length, [])))
  const roomy = await fewestThatFit(units.length, async (gone) => (await rest(gone)) <= limitTokens - spare)
  if (spare === 0 || roomy < units.length || (await rest(roomy)) <= limitTokens - spare) return roomy
  return fewestThatFit(units.length, async (gone) => (await rest(gone)) <= limitTokens)
}

/** Stores what is not in memory yet, and returns the ids of all the notes. */
async function store(view: ContextView, paged: readonly Unit[], pages: Pages): Promise<ReadonlySet<string>> {
  const stored = await Promise.allSettled(
    paged.flatMap(({ blocks }) => blocks).map((block) => page(view, block, pages)),
  )
  for (const each of stored) if (each.status === 'rejected') throw each.reason
  return new Set(stored.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])))
}

async function page({ messages, original, sys, runId }: ContextView, block: Block, pages: Pages): Promise<string> {
  const [position = 0] = block
  const whole = block.map((index) => original(messages[index] as Message))
  const first = whole[0] as Message
  const known = pages.get(first)?.get(runId)
  if (known !== undefined) return known
  const content = transcriptOf(whole)
  const note = await needsKernel(sys, 'pageOut()').memory.add({
    content: content === '' ? `[${first.role}]` : content,
    tags: ['context', `run:${runId}`],
    metadata: { run: runId, position, messages: block.length },
  })
  const ids = pages.get(first) ?? new Map<string, string>()
  pages.set(first, ids.set(runId, note.id))
  return note.id
}

/** Is what was paged out, the notes it became, and how many of them may come back. */
interface Paged {
  readonly paged: readonly Unit[]
  readonly ids: ReadonlySet<string>
  readonly recall: number
}

/** Puts the marker in, with as many of the best pages as there is room for. */
async function withPages(
  view: ContextView,
  { paged, ids, recall }: Paged,
): Promise<Pick<StepResult, 'messages' | 'failed'>> {
  const { messages, limitTokens, count, runId } = view
  const { size } = indicesIn(paged)
  const marked = (back: readonly string[]) => without(messages, paged, marker(runId, size, back))
  let hits: readonly MemoryHit[]
  try {
    hits = await retrieved(view, recall)
  } catch (error) {
    return { messages: marked([]), failed: failureOf(error) }
  }
  let back: readonly string[] = []
  for (const { content } of hits.filter(({ id }) => ids.has(id)).slice(0, recall)) {
    if ((await count(marked([...back, content]))) <= limitTokens) back = [...back, content]
  }
  return { messages: marked(back) }
}

async function retrieved({ messages, sys, runId }: ContextView, recall: number): Promise<readonly MemoryHit[]> {
  const newest = messages[newestUserIndex(messages)]
  const query = newest === undefined ? '' : messageText(newest)
  if (query.trim() === '' || recall === 0) return []
  return needsKernel(sys, 'pageOut()').memory.retrieve({
    query,
    limit: recall * CANDIDATES,
    tags: ['context', `run:${runId}`],
  })
}

function marker(runId: string, messages: number, back: readonly string[]): Message {
  const recalled = back.length === 0 ? '' : ` Those that matter most now:\n\n${back.join('\n\n')}`
  const tag = `run:${runId}`
  return {
    role: 'user',
    content: `[${messages} earlier messages were moved to memory, tagged "context" and "${tag}".${recalled}]`,
  }
}
