import type { Syscall } from '../syscall/syscall.js'
import type { PartsEntry } from './journal-entry.js'
import type { CallRecord } from './journal-scope.js'

/** Delivers the parts of streamed answers of an earlier life, each when it is their turn among what settled. */
export class ReplayedStreams {
  readonly #calls = new Map<string, Syscall>()

  /** Takes a call that is made whose answer a line holds. */
  answer(call: Syscall): void {
    if (call.extras?.stream === undefined) return
    this.#add(call)
    call.extras.stream.answerFrom()
  }

  /** Takes a call that is made again, of whose answer something was delivered. */
  tell(call: Syscall): void {
    const { told } = call.record as CallRecord
    if (told === undefined) return
    this.#add(call)
    call.extras?.stream?.expect(told.parts.length)
  }

  /** Whether the call was made that these are parts of the answer of. */
  awaits({ path }: PartsEntry): boolean {
    return this.#calls.has(path)
  }

  take({ path, parts }: PartsEntry): void {
    const call = this.#calls.get(path)
    // The last part comes when the call settles: anew, if it had not.
    const isAnswered = call?.record?.entry !== undefined
    call?.extras?.stream?.tell(isAnswered ? parts : parts.filter(({ type }) => type !== 'finish'))
  }

  #add(call: Syscall): void {
    this.#calls.set((call.record as CallRecord).path, call)
  }
}
