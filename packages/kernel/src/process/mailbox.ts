import type { ReceivedMessage } from '../syscall/sys.js'
import type { Syscall } from '../syscall/syscall.js'

/** Is a call of `agent.receive` that waits, and the sender it waits for, if one. */
interface Receiver {
  readonly call: Syscall
  readonly from: number | undefined
}

/** Is a message with the call that receives it. */
interface Match {
  readonly call: Syscall
  readonly message: ReceivedMessage
}

/** Keeps the messages of one process until it receives them, and the receivers until a message comes. */
export class Mailbox {
  #messages: ReceivedMessage[] = []
  readonly #receivers = new Set<Receiver>()

  /** Number of messages that wait. */
  get size(): number {
    return this.#messages.length
  }

  /** Removes and returns the oldest message, of one sender if given. */
  take(from: number | undefined): ReceivedMessage | undefined {
    const index = from === undefined ? 0 : this.#messages.findIndex((message) => message.from === from)
    return index < 0 ? undefined : this.#messages.splice(index, 1)[0]
  }

  /** Keeps a message. */
  put(message: ReceivedMessage): void {
    this.#messages.push(message)
  }

  /** Takes the message back that was put last. */
  retract(): void {
    this.#messages.pop()
  }

  /** Removes and returns the messages that waiting receivers can have, those who waited longest first. */
  match(mayReceive: (call: Syscall) => boolean): readonly Match[] {
    const matches: Match[] = []
    for (const receiver of this.#receivers) {
      if (this.#messages.length === 0) break
      const message = mayReceive(receiver.call) ? this.take(receiver.from) : undefined
      if (message === undefined) continue
      this.#receivers.delete(receiver)
      matches.push({ call: receiver.call, message })
    }
    return matches
  }

  /** Returns the calls that wait for a message, those who waited longest first. */
  waiting(): readonly Receiver[] {
    return [...this.#receivers]
  }

  /** Lets a call wait for a message; returns what takes it away again. */
  await(call: Syscall, from: number | undefined): () => void {
    const receiver: Receiver = { call, from }
    this.#receivers.add(receiver)
    return () => {
      this.#receivers.delete(receiver)
    }
  }
}
