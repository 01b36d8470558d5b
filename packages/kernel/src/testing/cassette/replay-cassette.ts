import { AiosError } from '../../error/aios-error.js'
import { encodeError } from '../../journal/error-codec.js'
import { replayLines, type Replayed, type ReplayOptions } from '../../journal/replay-run.js'
import { changesText, valueChanges } from '../../journal/value-diff.js'
import { checkOptions, option } from '../../option/check-options.js'
import type { Agent } from '../../process/agent.js'
import { canonicalText } from '../../journal/canonical.js'
import { decodeValue } from './cassette-value.js'
import { readCassette } from './cassette-file.js'
import type { Cassette } from './cassette.js'
import { Scrubber, type Scrub } from './scrubber.js'

/** Is what `replayRun` takes. Unknown keys are rejected. */
export interface ReplayRunOptions<I, O> extends Pick<ReplayOptions, 'idleMs' | 'syscalls' | 'clock'> {
  /** The cassette. */
  readonly file: string
  readonly agent: Agent<I, O>
  /** What the agent is given; another one than was recorded fails. Default: the recorded one. */
  readonly input?: I
  /** The function that the cassette was recorded with, if any. */
  readonly scrub?: Scrub | undefined
}

/** What both ways of using a cassette take. */
export const CASSETTE_OPTIONS = {
  file: option.name,
  agent: option.function,
  input: () => undefined,
  scrub: option.optional(option.function),
  idleMs: option.optional(option.integer(0)),
  syscalls: option.optional(option.array(option.record)),
  clock: option.optional(option.record),
} as const

const OPTIONS = option.object(CASSETTE_OPTIONS)

/**
 * Runs an agent against a cassette, without any device, and returns what it comes to, or throws what it threw.
 *
 * @throws AiosError `AIOS_REPLAY_DIVERGED` if the agent makes another call than was recorded, or fewer, is given another input,
 *   or comes to something else, each with where it differs; `AIOS_NOT_FOUND` if there is no file; `AIOS_CORRUPT`
 *   for a damaged one; `AIOS_UNSUPPORTED` for another version of the format; `AIOS_INVALID_OPTION`
 * @example
 * ```ts
 * import type { Agent } from '@aios/kernel'
 * import { replayRun } from '@aios/kernel/testing'
 *
 * async function answerStays(agent: Agent<string, string>): Promise<string> {
 *   return replayRun({ file: 'tests/cassettes/sum.json', agent, input: 'What is 2 + 2?' })
 * }
 * ```
 */
export async function replayRun<I, O>(options: ReplayRunOptions<I, O>): Promise<O> {
  checkOptions('replayRun()', options, OPTIONS)
  const { file, agent, idleMs, syscalls, clock } = options
  const { cassette, journal } = await readCassette(file)
  const scrubber = new Scrubber(options.scrub)
  const comparison = { file, scrubber }
  if ('input' in options) expectSame({ ...comparison, what: 'input' }, decodeValue(cassette.input), options.input)
  const replayed = await replayLines(journal, agent, { idleMs, syscalls, clock, view: scrubber })
  expectSame({ ...comparison, what: 'outcome' }, recordedEnd(cassette), endOf(replayed))
  if (replayed.outcome === 'fulfilled') return replayed.value
  throw replayed.outcome === 'stopped' ? new AiosError('AIOS_BUG', 'The replay of a cassette stopped.') : replayed.error
}

function recordedEnd({ end }: Cassette): unknown {
  return end.outcome === 'fulfilled'
    ? { outcome: end.outcome, value: decodeValue(end.value) }
    : { outcome: end.outcome, error: decodeValue(end.error) }
}

function endOf(replayed: Replayed): unknown {
  if (replayed.outcome === 'stopped') return undefined
  return replayed.outcome === 'fulfilled'
    ? { outcome: replayed.outcome, value: replayed.value }
    : { outcome: replayed.outcome, error: encodeError(replayed.error) }
}

interface Comparison {
  readonly file: string
  readonly scrubber: Scrubber
  readonly what: 'input' | 'outcome'
}

function expectSame({ file, scrubber, what }: Comparison, recorded: unknown, came: unknown): void {
  const [before, after] = [scrubber.clean(recorded), scrubber.clean(came)]
  if (canonicalText(before) === canonicalText(after)) return
  const changes = valueChanges(before, after)
  throw new AiosError(
    'AIOS_REPLAY_DIVERGED',
    `Expected the ${what} that cassette ${file} holds, got another: ${changesText(changes)}. If that is meant, record it again.`,
    { details: { file, changes } },
  )
}
