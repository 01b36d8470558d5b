import type { CoreReply, CoreRequest, MessagePart, StreamPart } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { parseToolInput } from '../../tool-call/tool-input.js'
import { failure, type FailureKind } from '../mock/steps.js'
import type { PausableCall } from '../pausable-call.js'

type Parts = AsyncIterable<StreamPart>

/** Is one way in which a core can go wrong. Make one with `cutAfter`, `stall` and their kin. */
export interface Fault {
  /** Names it in `injected`. */
  readonly name: string
  /** Happens before the core is asked; throws where it is not asked at all. */
  readonly before?: ((pausable: PausableCall) => Promise<void>) | undefined
  /** Changes a whole answer. */
  readonly reply?:
    ((reply: CoreReply, request: CoreRequest, pausable: PausableCall) => CoreReply | Promise<CoreReply>) | undefined
  /** Changes a streamed answer. */
  readonly parts?: ((parts: Parts, request: CoreRequest, pausable: PausableCall) => Parts) | undefined
}

const isPiece = (part: StreamPart): boolean => part.type.endsWith('-delta')
const CHUNKS = option.object({
  chunks: option.integer(0),
  with: option.optional(option.oneOf('incomplete-stream', 'network')),
})
const STALL = option.object({ ms: option.number(0), chunks: option.optional(option.integer(0)) })

/** Makes the fault that a core throws something instead of answering. */
export function thrown(name: string, error: Error): Fault {
  return {
    name,
    before: async () => {
      throw error
    },
  }
}

/** Makes the fault that a core never answers. */
export function silent(): Fault {
  return { name: 'hangs', before: (pausable) => pausable.hang() }
}

/**
 * Breaks a streamed answer off after so many pieces of text, reasoning or arguments; a shorter one stays as it is. An answer in one
 * piece fails as a whole.
 *
 * @param options - `chunks`: how many pieces come, 0 or more; `with`: what it fails with, default `incomplete-stream`
 */
export function cutAfter(options: {
  readonly chunks: number
  readonly with?: Extract<FailureKind, 'incomplete-stream' | 'network'> | undefined
}): Fault {
  checkOptions('cutAfter()', options, CHUNKS)
  const { chunks, with: kind = 'incomplete-stream' } = options
  return {
    name: `cutAfter(${chunks})`,
    reply: () => {
      throw failure(kind)
    },
    async *parts(parts) {
      let left = chunks
      for await (const part of parts) {
        if (isPiece(part)) {
          if (left === 0) throw failure(kind)
          left -= 1
        }
        yield part
      }
    },
  }
}

/**
 * Makes an answer wait on the kernel's clock.
 *
 * @param options - `ms`: how long; `chunks`: after how many pieces of a streamed answer, default 0, which is before its first part
 */
export function stall(options: { readonly ms: number; readonly chunks?: number | undefined }): Fault {
  checkOptions('stall()', options, STALL)
  const { ms, chunks = 0 } = options
  const name = `stall(${ms})`
  if (chunks === 0) return { name, before: (pausable) => pausable.pause(ms) }
  return {
    name,
    async reply(reply, _, pausable) {
      await pausable.pause(ms)
      return reply
    },
    async *parts(parts, _, pausable) {
      let seen = 0
      for await (const part of parts) {
        yield part
        if (isPiece(part) && (seen += 1) === chunks) await pausable.pause(ms)
      }
    },
  }
}

/** Takes out what closes a JSON value, and opens one that never ends: no reading of it succeeds. */
const garbled = (text: string, isFirst: boolean): string => (isFirst ? '{' : '') + text.replaceAll(/["}\]]/g, '')

function garbledPart(part: MessagePart, isJson: boolean): MessagePart {
  if (part.type === 'tool-call') return { ...part, ...parseToolInput(garbled(part.inputText, true)) }
  return part.type === 'text' && isJson ? { ...part, text: garbled(part.text, true) } : part
}

/** Spoils the arguments of tool calls, and the text where JSON was demanded, so that they cannot be parsed. */
export function garbageJson(): Fault {
  const wantsJson = ({ responseFormat }: CoreRequest): boolean => responseFormat?.type === 'json'
  return {
    name: 'garbageJson',
    reply: (reply, request) => ({ ...reply, parts: reply.parts.map((part) => garbledPart(part, wantsJson(request))) }),
    async *parts(parts, request) {
      const begun = new Set<string>()
      for await (const part of parts) {
        const isSpoilt = part.type === 'tool-input-delta' || (part.type === 'text-delta' && wantsJson(request))
        if (isSpoilt) {
          yield { ...part, text: garbled(part.text, !begun.has(part.id)) }
          begun.add(part.id)
        } else yield part.type === 'tool-call' ? (garbledPart(part, false) as typeof part) : part
      }
    },
  }
}

/** Sends every piece and every tool call twice, as a connection that was taken up again does. */
export function duplicateEvents(): Fault {
  return {
    name: 'duplicateEvents',
    reply: (reply) => ({
      ...reply,
      parts: reply.parts.flatMap((part): MessagePart[] => (part.type === 'tool-call' ? [part, part] : [part])),
    }),
    async *parts(parts) {
      for await (const part of parts) {
        yield part
        if (isPiece(part) || part.type === 'tool-call') yield part
      }
    },
  }
}

/** Keeps how many tokens an answer took to itself. */
export function dropUsage(): Fault {
  const usage = { input: {}, output: {} }
  return {
    name: 'dropUsage',
    reply: (reply) => ({ ...reply, usage }),
    async *parts(parts) {
      for await (const part of parts) yield part.type === 'finish' ? { ...part, usage } : part
    },
  }
}
