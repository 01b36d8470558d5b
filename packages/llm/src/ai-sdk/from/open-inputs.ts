import type { StreamPart, ToolCallPart } from '@aios/kernel'
import type { ToolNameMap } from '../../tool-call/tool-name-map.js'

type Fields = Readonly<Record<string, unknown>>

interface OpenInput {
  readonly id: string
  readonly toolName: string
  text: string
  isEnded: boolean
}

/** Keeps track of the arguments that are being written, until the call that they belong to comes. */
export class OpenInputs {
  readonly #names: ToolNameMap
  readonly #open = new Map<string, OpenInput>()
  readonly #hidden = new Set<string>()
  readonly #used = new Set<string>()

  constructor(names: ToolNameMap) {
    this.#names = names
  }

  /**
   * Takes the start, a piece or the end of arguments, and returns the parts it makes. Those of a tool that the provider runs are
   * not shown.
   *
   * @param before - returns what has to end before
   */
  read(event: Fields, before: () => readonly StreamPart[]): StreamPart[] {
    const id = String(event['id'])
    if (event['type'] === 'tool-input-start') return [...before(), ...this.#start(id, event)]
    const input = this.#open.get(id)
    if (input === undefined || input.isEnded || this.#hidden.has(id)) return []
    if (event['type'] === 'tool-input-end') {
      input.isEnded = true
      return []
    }
    const text = typeof event['delta'] === 'string' ? event['delta'] : ''
    input.text += text
    return text === '' ? [] : [{ type: 'tool-input-delta', id, text }]
  }

  /** Takes the call that the arguments were for, and returns it after their end. */
  called({ toolCallId }: Fields, calls: readonly ToolCallPart[]): StreamPart[] {
    const id = String(toolCallId)
    const input = this.#open.get(id)
    this.#open.delete(id)
    this.#hidden.delete(id)
    if (input === undefined || calls.length === 0) return [...calls]
    // What was shown is how the model wrote it; the SDK may have written it anew.
    const isSame = calls[0]!.inputText === input.text
    const shown: StreamPart[] =
      input.text === '' && calls[0]!.inputText !== ''
        ? [{ type: 'tool-input-delta', id, text: calls[0]!.inputText }]
        : []
    const [call, ...rest] = calls
    const whole = isSame || input.text === '' ? call! : { ...call!, inputText: input.text }
    return [...shown, { type: 'tool-input-end', id }, whole, ...rest]
  }

  /**
   * Ends the arguments that began and whose call never came: the answer was cut at its limit.
   *
   * @param callOf - makes the call of what is there of it
   */
  end(callOf: (content: Fields) => readonly ToolCallPart[]): StreamPart[] {
    const left = [...this.#open.values()].filter(({ id }) => !this.#hidden.has(id))
    return left.flatMap(({ id, toolName, text }) => {
      const content = { type: 'tool-call', toolCallId: id, toolName, input: text }
      return this.called(content, callOf(content))
    })
  }

  #start(id: string, { toolName, providerExecuted }: Fields): StreamPart[] {
    if (this.#used.has(id)) return []
    this.#used.add(id)
    const name = String(toolName)
    this.#open.set(id, { id, toolName: name, text: '', isEnded: false })
    if (providerExecuted === true) {
      this.#hidden.add(id)
      return []
    }
    return [{ type: 'tool-input-start', id, name: this.#names.fromWire(name) }]
  }
}
