import type { ChatReply } from '../../driver/chat.js'
import type { Message, ToolResultPart } from '../../driver/message.js'
import type { ToolOutcome } from '../../driver/tool-driver.js'
import type { CallToolReply, CallToolRequest } from '../../driver/tool-step.js'
import { sumUsage } from '../chat/sum-usage.js'
import { optional, shape, whole } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { CHAT } from './chat-request.js'

const MAX_ROUNDS = 1_000

/** Says to a model what became of its call. */
function resultPart(outcome: ToolOutcome): ToolResultPart {
  const { id, name } = outcome
  if (outcome.status === 'fulfilled') return { type: 'tool-result', id, name, output: outcome.output ?? null }
  const { code, message } = outcome.error
  return { type: 'tool-result', id, name, output: `${code}: ${message}`, isError: true }
}

/** Asks a model, runs its tool calls, and gives it the results back as often as is wanted. */
async function execute(call: Syscall): Promise<CallToolReply> {
  const { rounds = 0, ...request } = call.request as CallToolRequest
  const { kernel, process, unhooked } = call.caller
  const sys = kernel.makeSys({ kernel, process, parent: call, unhooked })
  const messages: Message[] = []
  const outcomes: ToolOutcome[] = []
  const replies: ChatReply[] = []
  for (;;) {
    const reply = await sys.llm.chat({ ...request, messages: [...request.messages, ...messages] })
    replies.push(reply)
    messages.push(reply.message)
    if (reply.toolCalls.length > 0) {
      const ran = await sys.tool.callAll({ calls: reply.toolCalls })
      outcomes.push(...ran)
      messages.push({ role: 'tool', content: ran.map(resultPart) })
    }
    if (reply.toolCalls.length === 0 || replies.length > rounds)
      return { reply, outcomes, messages, usage: sumUsage(replies.map(({ usage }) => usage)) }
  }
}

/** Asks a model and runs the tools it calls. */
export const callToolRow: SyscallRow = {
  name: 'llm.callTool',
  validate: shape({ ...CHAT, rounds: optional(whole(0, MAX_ROUNDS)) }),
  runs: 'direct',
  returns: 'promise',
  effect: 'repeatable',
  route: () => undefined,
  execute,
}
