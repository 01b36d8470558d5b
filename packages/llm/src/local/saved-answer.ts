import { createHash } from 'node:crypto'
import { AiosError, type CoreRequest } from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'

const VERSION = 'aios-local-1'

/** Is an answer that was cut, as data that can be cloned. */
export interface SavedAnswer {
  readonly format: typeof VERSION
  /** Names the model and all of the engine that an answer depends on. */
  readonly engine: string
  /** Names the request. */
  readonly request: string
  readonly seed: number
  /** Tokens that were read. */
  readonly prompt: Uint32Array
  /** Tokens that were drawn; the engine has read all but the last. */
  readonly tokens: Uint32Array
  /** Parts that were yielded. */
  readonly yielded: number
  /** What the engine keeps of all tokens it has read; undefined where it had read none. */
  readonly memory: Uint8Array | undefined
  readonly checksum: string
}

/** Is what a state must fit. */
export interface Fitting {
  readonly engine: string
  readonly request: string
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function checksumOf(saved: Omit<SavedAnswer, 'checksum'>): string {
  const { engine, request, seed, prompt, tokens, yielded, memory } = saved
  const digest = createHash('sha256').update(JSON.stringify([VERSION, engine, request, seed, yielded, prompt.length]))
  digest.update(bytesOf(prompt)).update(bytesOf(tokens))
  if (memory !== undefined) digest.update(memory)
  return digest.digest('base64')
}

/**
 * Names a request by all of it that an answer depends on.
 *
 * @param backend - whose `providerOptions` count
 */
export function requestName(request: CoreRequest, backend: string): string {
  const { messages, tools, toolChoice, responseFormat, temperature, topP, maxOutputTokens, stop, seed } = request
  const own = request.providerOptions?.[backend]
  const all = [messages, tools, toolChoice, responseFormat, temperature, topP, maxOutputTokens, stop, seed, own]
  return createHash('sha256').update(JSON.stringify(all)).digest('base64')
}

/** Seals a state, so that damage shows: the engine itself would crash on it. */
export function sealed(saved: Omit<SavedAnswer, 'format' | 'checksum'>): SavedAnswer {
  const whole = { format: VERSION, ...saved } as const
  return { ...whole, checksum: checksumOf(whole) }
}

function isSaved(state: unknown): state is SavedAnswer {
  if (!isRecord(state) || state['format'] !== VERSION) return false
  const { prompt, tokens, memory, yielded, seed } = state as unknown as SavedAnswer
  const isMemory = memory === undefined || memory instanceof Uint8Array
  const isWhole = prompt instanceof Uint32Array && tokens instanceof Uint32Array && isMemory
  return isWhole && Number.isSafeInteger(yielded) && Number.isSafeInteger(seed)
}

/**
 * Checks a state before the engine gets it.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is damaged or none of this core's; `AIOS_UNSUPPORTED` if it belongs to another model,
 * another engine, other options or another request
 */
export function checkSaved(state: unknown, { engine, request }: Fitting): SavedAnswer {
  if (!isSaved(state) || state.checksum !== checksumOf(state)) {
    const message =
      'Expected the state of an answer as a local core saved it, got something else or damaged bytes. Ask again from the beginning.'
    throw new AiosError('AIOS_CORRUPT', message)
  }
  const other =
    state.engine === engine ? (state.request === request ? undefined : 'request') : 'model, engine or options'
  if (other === undefined) return state
  const message = `Expected the state of an answer of this core to this request, got one of another ${other}. Restore it where it was saved, or ask again.`
  throw new AiosError('AIOS_UNSUPPORTED', message)
}
