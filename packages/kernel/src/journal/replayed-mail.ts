import { deliverMail } from '../process/deliver-mail.js'
import { Mailbox } from '../process/mailbox.js'
import type { Process } from '../process/process.js'
import type { AgentSendRequest, ReceivedMessage } from '../syscall/sys.js'
import type { Syscall } from '../syscall/syscall.js'
import type { JournalEntry } from './journal-entry.js'
import { restored } from './value-codec.js'

/** Keeps account of the messages of an earlier life: those sent and not received come back when the run is live. */
export class ReplayedMail {
  /** Messages that wait, by the pid of the receiver. */
  readonly #waiting = new Map<number, ReceivedMessage[]>()
  /** Receipts whose message has not been seen yet: a message that is received at once settles after its receipt. */
  readonly #owed = new Map<number, ReceivedMessage[]>()
  readonly #fromOutside: readonly Extract<JournalEntry, { kind: 'mail' }>[]

  constructor(lines: readonly JournalEntry[]) {
    this.#fromOutside = lines.filter((line) => line.kind === 'mail')
  }

  /** Is told what a recorded call was fulfilled with. */
  passed(call: Syscall, result: unknown): void {
    if (call.row.name === 'agent.send') {
      const { to, message } = call.request as AgentSendRequest
      const { pid } = call.owner
      if (!this.#settle(this.#owed, to, pid))
        this.#add(this.#waiting, to, { from: pid, message: structuredClone(message), sentAt: call.createdAt })
    } else if (call.row.name === 'agent.receive') {
      const { pid } = call.owner
      const message = result as ReceivedMessage
      if (!this.#settle(this.#waiting, pid, message.from)) this.#add(this.#owed, pid, message)
    }
  }

  /** Puts what waits into the mailboxes. */
  deliverTo(processes: ReadonlyMap<string, Process>): void {
    for (const { path, from, message, at } of this.#fromOutside) {
      const process = processes.get(path)
      if (process === undefined || this.#settle(this.#owed, process.pid, from)) continue
      this.#add(this.#waiting, process.pid, { from, message: restored(message), sentAt: at })
    }
    for (const process of processes.values()) {
      const messages = this.#waiting.get(process.pid)
      if (messages === undefined || process.end !== undefined) continue
      process.mailbox ??= new Mailbox()
      for (const message of messages) process.mailbox.put(message)
      deliverMail(process)
    }
  }

  #add(to: Map<number, ReceivedMessage[]>, pid: number, message: ReceivedMessage): void {
    const list = to.get(pid)
    if (list === undefined) to.set(pid, [message])
    else list.push(message)
  }

  /** Takes the oldest of a sender away; returns whether there was one. */
  #settle(among: Map<number, ReceivedMessage[]>, pid: number, from: number): boolean {
    const list = among.get(pid)
    const index = list?.findIndex((message) => message.from === from) ?? -1
    if (list === undefined || index < 0) return false
    list.splice(index, 1)
    return true
  }
}
