import type { ChatReply, ChatRequest, CoreReply, CoreRequest, Usage } from '../../driver/chat.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import { AiosError } from '../../error/aios-error.js'
import type { Need } from '../../process/budget.js'
import { takeUp } from '../../preemption/yield-slot.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import { isThenable } from '../begin.js'
import { cancel } from '../cancel.js'
import { completeUsage } from '../chat/complete-usage.js'
import { DeviceStream } from '../chat/device-stream.js'
import { partsOf } from '../chat/parts-of.js'
import { inputEstimate } from '../chat/estimate.js'
import { chatReply, ReplyBuilder } from '../chat/reply-builder.js'
import type { ChatStreamHandle } from '../chat/chat-stream-handle.js'
import { quiet } from '../settle.js'
import { DriverCallView } from '../driver-call.js'
import type { Syscall } from '../syscall.js'
import { PENDING, type SyscallRow } from '../syscall-row.js'
import { chatRequest } from './chat-request.js'
import { callToolRow } from './call-tool-row.js'
import { embedRow } from './embed-row.js'
import { coreNeed } from './core-need.js'
import { answers, attempted } from './core-outcome.js'
import { jsonRow } from './json-row.js'
import { orDiscovered } from './discovered-core.js'
import { routeChat, routeElsewhere } from './route-core.js'

function need(call: Syscall): Need {
  return coreNeed(call.device as LlmDriver, call.request as CoreRequest, call.caller.kernel.limits.maxOutputTokens)
}

function inputTokens(call: Syscall): number {
  return inputEstimate(call.request as CoreRequest)
}

/** A step is told by the tool whose result it answers, else by the tools it offers. */
function kind(call: Syscall): string | undefined {
  const { messages, tools } = call.request as CoreRequest
  const content = messages.at(-1)?.content
  const result = typeof content === 'string' ? undefined : content?.find((part) => part.type === 'tool-result')
  if (result !== undefined) return `after ${result.name}`
  return tools === undefined || tools.length === 0 ? undefined : tools.map(({ name }) => name).join()
}

function clip(call: Syscall, maxOutputTokens: number): void {
  // Another core may have another bound.
  call.rare().asked ??= call.request as ChatRequest
  call.request = { ...(call.request as CoreRequest), maxOutputTokens }
}

function chat(call: Syscall): unknown {
  const core = call.device as LlmDriver
  const request = call.request as CoreRequest
  const shared = boarded(call, request)
  if (shared !== undefined) return shared.then((value) => bounded(call, value as CoreReply))
  if (goesOn(call)) return PENDING
  if (core.chat === undefined || isCuttable(call) || call.record?.told !== undefined) return collect(call)
  const reply = core.chat(request, new DriverCallView(call))
  return isThenable(reply) ? Promise.resolve(reply).then((value) => bounded(call, value)) : bounded(call, reply)
}

/** Lets a call go on that was cut; the first promise of its core settles for all slices. */
function goesOn(call: Syscall): boolean {
  const context = call.extras?.context
  if (context?.snapshot === undefined) return false
  call.extras?.device?.resume(takeUp(call, context))
  return true
}

/** Whether an answer in one piece should be streamed, so that it can be cut: a core that saves its state, or slices. */
function isCuttable({ device, lane }: Syscall): boolean {
  const { resume = 'none' } = device as LlmDriver
  return resume === 'state' || (resume === 'prefix' && lane?.slices !== undefined)
}

function bounded(call: Syscall, core: CoreReply): ChatReply {
  const reply = chatReply(call, core)
  const { replyChars } = call.caller.kernel.limits
  if (reply.text.length > replyChars) {
    throw new AiosError(
      'AIOS_QUOTA_EXCEEDED',
      `Core ${call.device?.id ?? ''} answered more than ${replyChars} characters. Raise limits.replyChars if that is wanted.`,
    )
  }
  return reply
}

/** Answers in one piece from a core that only streams. */
async function collect(call: Syscall): Promise<ChatReply> {
  const parts = new DeviceStream(call)
  call.rare().device = parts
  const { record } = call
  const reply = new ReplyBuilder()
  for (const part of record?.told?.parts ?? []) reply.add(part)
  const done = attach(call, parts)
  quiet(done)
  try {
    for await (const part of parts) {
      reply.add(part)
      parts.delivered()
      record?.run.collect(call, part)
    }
  } catch (error) {
    // A failure comes through the loop first, and the slot is not free before the core has let go.
    parts.abort(error)
    await done
    throw error
  }
  await done
  return chatReply(call, reply.build({ unified: 'other' }))
}

/** Connects the core of a call: to begin, or to go on with what an earlier life of the run had of the answer. */
function attach(call: Syscall, parts: DeviceStream): Promise<void> {
  const told = call.record?.told
  if (told === undefined) return parts.attach(streamOf(call))
  ;(call.record as { told: undefined }).told = undefined
  return parts.attachAgain(told, () => streamOf(call))
}

function streamOf(call: Syscall): ReturnType<NonNullable<LlmDriver['stream']>> {
  const core = call.device as LlmDriver
  const request = call.request as CoreRequest
  const view = new DriverCallView(call)
  if (core.stream !== undefined) return core.stream(request, view)
  if (core.chat !== undefined) return partsOf(core.chat(request, view))
  throw new AiosError(
    'AIOS_UNSUPPORTED',
    `Core ${core.id} serves llm.chat in batches only, which cannot be streamed. Use chat.`,
  )
}

function stream(call: Syscall): Promise<void> | typeof PENDING {
  const { device, stream: handle, idle } = call.rare()
  if (device === undefined || handle === undefined) throw new AiosError('AIOS_BUG', 'A stream has no handle.')
  if (goesOn(call)) return PENDING
  if (idle === undefined) watchIdle(call, handle)
  return attach(call, device)
}

/** Ends a stream whose consumer does not come back; one timer a stream, set anew only when it fires. */
function watchIdle(call: Syscall, handle: ChatStreamHandle): void {
  const { kernel } = call.caller
  const check = (): void => {
    const left = handle.idleLeftMs
    if (left === undefined) return
    if (left > 0) {
      call.rare().idle = kernel.wheel.set(left, false, check)
      return
    }
    const ms = kernel.limits.streamIdleMs
    cancel(
      call,
      new AiosError(
        'AIOS_STREAM_IDLE',
        `The consumer of ${call.row.name} ${call.id} did not pull for ${ms} ms. Iterate the stream, await its result, or leave the loop.`,
      ),
    )
    kernel.wake(undefined)
    kernel.hub.flush()
  }
  call.rare().idle = kernel.wheel.set(kernel.limits.streamIdleMs, false, check)
}

function usage(call: Syscall, result: unknown): Usage | undefined {
  if (call.extras?.usage !== undefined) return undefined
  const reply = result as ChatReply
  return completeUsage(reply.usage, call.request as CoreRequest, reply.text.length)
}

/** The rows of the `llm` family. */
export const llmRows: readonly SyscallRow[] = [
  {
    name: 'llm.chat',
    validate: chatRequest,
    runs: 'device',
    returns: 'promise',
    repeats: true,
    effect: 'repeatable',
    route: orDiscovered(routeChat),
    elsewhere: routeElsewhere,
    answers,
    attempted,
    execute: chat,
    need,
    inputTokens,
    kind,
    clip,
    usage,
  },
  {
    name: 'llm.stream',
    validate: chatRequest,
    runs: 'device',
    returns: 'stream',
    repeats: true,
    effect: 'repeatable',
    route: orDiscovered(routeChat),
    elsewhere: routeElsewhere,
    answers,
    attempted,
    execute: stream,
    need,
    inputTokens,
    kind,
    clip,
  },
  embedRow,
  jsonRow,
  callToolRow,
]
