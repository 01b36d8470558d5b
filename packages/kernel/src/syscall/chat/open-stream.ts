import type { ChatStream } from '../../driver/chat.js'
import type { SyscallOptions } from '../sys.js'
import type { Syscall } from '../syscall.js'
import { trap } from '../trap.js'
import { ChatStreamHandle } from './chat-stream-handle.js'

/** Makes a streamed call: it is queued when this returns, and pulled as the consumer pulls. */
export function openStream(call: Syscall, options: SyscallOptions | undefined): ChatStream {
  const handle = new ChatStreamHandle(call)
  void trap(call, options)
  return handle
}
