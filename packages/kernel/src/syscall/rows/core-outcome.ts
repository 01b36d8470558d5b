import type { ChatReply, ChatRequest } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { executionMs, firstStartOf } from '../execution.js'
import type { Syscall } from '../syscall.js'
import { routerFailed } from './router-failed.js'

/** Notes when a core began to answer, if the router wants to know. */
export function answers(call: Syscall): void {
  const { clock, router } = call.caller.kernel
  if (router.settled !== undefined) call.rare().firstPartAt ??= clock.now()
}

/** Tells the router how an attempt of a call ended, if it wants to know. */
export function attempted(call: Syscall, fulfilled: boolean, error: unknown): void {
  const { lane, extras, caller } = call
  const { clock, router } = caller.kernel
  // A call that failed before its core had it says nothing about the core; what a stream came to was told when it came.
  if (extras?.device?.isJudged === true) return
  if (router.settled === undefined || lane === undefined || call.startedAt === undefined) return
  const at = clock.now()
  const firstPartAt = extras?.firstPartAt
  try {
    router.settled({
      callId: call.id,
      core: lane.view,
      request: extras?.asked ?? (call.request as ChatRequest),
      firstPartMs: firstPartAt === undefined ? undefined : firstPartAt - (firstStartOf(call) as number),
      durationMs: executionMs(call, at),
      usage: extras?.usage ?? (fulfilled ? (error as ChatReply | undefined)?.usage : undefined),
      usd: extras?.costUsd,
      errorCode: fulfilled ? undefined : AiosError.is(error) ? error.code : 'error',
      at,
    })
  } catch (thrown) {
    routerFailed(caller.kernel, thrown)
  }
}
