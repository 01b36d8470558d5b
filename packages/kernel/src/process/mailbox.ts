import type { ReceivedMessage } from '../syscall/sys.js'
import type { Syscall } from '../syscall/syscall.js'

/** Is a call of `agent.receive` that waits, and the sender it waits for, if one. */
interface Receiver {
  readonly call: Syscall
  readonly from: number | undefined
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

  /** Removes and returns the receiver that has waited longest for a message of this sender. */
  receiverFor(from: number): Syscall | undefined {
    for (const receiver of this.#receivers) {
      if (receiver.from !== undefined && receiver.from !== from) continue
      this.#receivers.delete(receiver)
      return receiver.call
    }
    return undefined
  }

  /** Lets a call wait for a message; returns what takes it away again. */
  await(call: Syscall, from: number | undefined): () => void {
    const receiver: Receiver = { call, from }
    this.#receivers.add(receiver)
    return () => { this.#receivers.delete(receiver) }
  }
}
