import { AiosError } from '../../error/aios-error.js'
import { noteMade } from '../../journal/made-call.js'
import { failed } from '../../process/process-end.js'
import { deliverMail } from '../../process/deliver-mail.js'
import { Mailbox } from '../../process/mailbox.js'
import type { Process } from '../../process/process.js'
import { makeProcess, startAgent } from '../../process/spawn.js'
import { SPAWN_FIELDS } from '../../process/spawn-options.js'
import { refuseCycle } from '../../process/wait-graph.js'
import { anything, callable, optional, shape, whole } from '../shape.js'
import type {
  AgentReceiveRequest,
  AgentSendRequest,
  AgentSpawnRequest,
  AgentWaitRequest,
  ReceivedMessage,
  SpawnedAgent,
} from '../sys.js'
import { type Syscall } from '../syscall.js'
import { PENDING, type SyscallRow } from '../syscall-row.js'

const pid = whole(1, Number.MAX_SAFE_INTEGER)
const nowhere = (): void => undefined

function spawn(call: Syscall): SpawnedAgent {
  noteMade(call)
  return spawnAs(call, undefined)
}

/** Spawns a child, with the pid that it had in an earlier life of the run. */
function spawnAs(call: Syscall, pid: number | undefined): SpawnedAgent {
  const { agent, input, ...options } = call.request as AgentSpawnRequest
  const { kernel } = call.caller
  const process = makeProcess({ kernel, parent: call.owner, origin: call.parent, scope: call.record, pid }, options)
  process.awaitable = true
  startAgent(kernel, process, { agent, input })
  return { pid: process.pid, name: process.name }
}

function target(call: Syscall, to: number): Process {
  const process = call.caller.kernel.processes.get(to)
  if (process === undefined) throw new AiosError('AIOS_NO_SUCH_PROCESS', `No living process has the pid ${to}.`)
  return process
}

function send(call: Syscall): void {
  const { to, message } = call.request as AgentSendRequest
  const { kernel } = call.caller
  noteMade(call)
  const receiver = target(call, to)
  const sent: ReceivedMessage = { from: call.owner.pid, message: cloned(message), sentAt: kernel.clock.now() }
  receiver.mailbox ??= new Mailbox()
  const { mailboxDepth } = kernel.limits
  receiver.mailbox.put(sent)
  deliverMail(receiver)
  if (receiver.mailbox.size > mailboxDepth) {
    receiver.mailbox.retract()
    throw new AiosError(
      'AIOS_QUEUE_FULL',
      `The mailbox of process ${to} already holds ${mailboxDepth} messages. Let it receive first.`,
    )
  }
  const { scope } = receiver
  if (scope !== undefined && scope.run !== call.record?.run) scope.run.mail(scope.path, sent.from, sent.message)
  kernel.hub.push('message:sent', { from: call.owner.pid, to, at: sent.sentAt })
}

function cloned(message: unknown): unknown {
  try {
    return structuredClone(message)
  } catch (error) {
    throw new AiosError(
      'AIOS_NOT_CLONEABLE',
      `A message must be plain data, without functions or handles: ${String(error)}`,
      { cause: error },
    )
  }
}

function receive(call: Syscall): unknown {
  const { from } = (call.request ?? {}) as AgentReceiveRequest
  const { owner, caller } = call
  const { kernel } = caller
  owner.mailbox ??= new Mailbox()
  const message = owner.mailbox.take(from)
  if (message !== undefined) return message
  const sender = from === undefined ? undefined : target(call, from)
  const leave = owner.mailbox.await(call, from)
  if (sender !== undefined) (sender.waiters ??= new Set()).add(call)
  const extras = call.rare()
  extras.waitsForPid = from
  extras.unwait = () => {
    leave()
    sender?.waiters?.delete(call)
    kernel.inheritance.end(call)
  }
  if (sender !== undefined) kernel.inheritance.begin(call, sender)
  refuseCycle(call)
  return PENDING
}

function waitFor(call: Syscall): unknown {
  const { pid: awaited } = call.request as AgentWaitRequest
  const { kernel } = call.caller
  const process = kernel.processes.get(awaited)
  if (process === undefined) return ended(call, awaited)
  process.waiters ??= new Set()
  process.waiters.add(call)
  const extras = call.rare()
  extras.waitsForPid = awaited
  extras.unwait = () => {
    process.waiters?.delete(call)
    kernel.inheritance.end(call)
  }
  kernel.inheritance.begin(call, process)
  refuseCycle(call)
  return PENDING
}

/** Returns the result of a process that has ended before anybody waited for it. */
function ended(call: Syscall, awaited: number): unknown {
  const { owner } = call
  const end = owner.unwaited?.get(awaited) ?? call.caller.kernel.processes.exited(awaited)?.end
  if (end === undefined)
    throw new AiosError('AIOS_NO_SUCH_PROCESS', `No process has the pid ${awaited}, or it ended long ago.`)
  owner.unwaited?.delete(awaited)
  if (end.how !== 'fulfilled') throw failed(awaited, end.error)
  return end.value
}

function row(verb: string, seed: Pick<SyscallRow, 'validate' | 'runs' | 'execute' | 'plain' | 'replayed'>): SyscallRow {
  return { name: `agent.${verb}`, returns: 'promise', effect: 'keyed', route: nowhere, ...seed }
}

/** The rows of the `agent` family. */
export const agentRows: readonly SyscallRow[] = [
  row('spawn', {
    validate: shape({ agent: callable, input: anything, ...SPAWN_FIELDS }),
    runs: 'direct',
    execute: spawn,
    plain: (request) => {
      const { agent, signal, ...rest } = request as AgentSpawnRequest
      return { ...rest, agent: agent.name, hasSignal: signal !== undefined }
    },
    replayed: (call, child) => {
      spawnAs(call, (child as SpawnedAgent).pid)
    },
  }),
  row('send', { validate: shape({ to: pid, message: anything }), runs: 'direct', execute: send }),
  row('receive', { validate: optional(shape({ from: optional(pid) })), runs: 'waits', execute: receive }),
  row('wait', { validate: shape({ pid }), runs: 'waits', execute: waitFor }),
]
