import type { AnswerBlocks } from './answer-blocks.js'
import type { AnswerSyntax } from './answer-syntax.js'
import { JsonSpan } from './json-span.js'
import { firstMark, heldLength } from './mark-scanner.js'

/** Reads an answer as its text grows, and writes it in blocks. */
export interface AnswerReader {
  /** Takes the next text. Returns true once the answer is complete, whatever else the model would say. */
  read(text: string): boolean
  /** Is told that no more text comes. */
  end(): void
}

/** Reads an answer that is a JSON value and nothing else. */
export class JsonReader implements AnswerReader {
  readonly #blocks: AnswerBlocks
  readonly #span = new JsonSpan()

  constructor(blocks: AnswerBlocks) {
    this.#blocks = blocks
  }

  read(text: string): boolean {
    const end = this.#span.read(text)
    this.#blocks.say('text', text.slice(0, end))
    return end !== undefined
  }

  end(): void {
    this.#blocks.close()
  }
}

const FORCED_HEAD = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*/

/** Reads an answer that is one tool call, written as an object with `name` and `arguments`. */
export class ForcedCallReader implements AnswerReader {
  readonly #blocks: AnswerBlocks
  readonly #nameOf: (wireName: string) => string
  #head = ''
  #span: JsonSpan | undefined

  constructor(blocks: AnswerBlocks, nameOf: (wireName: string) => string) {
    this.#blocks = blocks
    this.#nameOf = nameOf
  }

  read(text: string): boolean {
    if (this.#span !== undefined) return this.#readInput(this.#span, text)
    this.#head += text
    const head = FORCED_HEAD.exec(this.#head)
    // The space after the colon may not be all there; the arguments may have more before them.
    if (head === null || head[0].length === this.#head.length) return false
    this.#span = new JsonSpan()
    this.#blocks.beginCall(this.#nameOf(JSON.parse(head[1] as string) as string))
    return this.#readInput(this.#span, this.#head.slice(head[0].length))
  }

  end(): void {
    this.#blocks.endCall()
    // Cut before there was a call: what there is of it is shown, not lost.
    if (this.#span === undefined) this.#blocks.say('text', this.#head)
    this.#blocks.close()
  }

  #readInput(span: JsonSpan, text: string): boolean {
    const end = span.read(text)
    this.#blocks.input(text.slice(0, end))
    if (end === undefined) return false
    this.#blocks.endCall()
    return true
  }
}

/** Says what ends and divides an answer in words. */
export interface ProseMarks {
  /** Texts at which the answer ends, which are no part of it. */
  readonly stops: readonly string[]
  readonly syntax: AnswerSyntax
  /** Whether tools are offered: else what looks like a call is text. */
  readonly hasTools: boolean
}

type Mode = 'text' | 'reasoning' | 'name' | 'input' | 'closing'

/** Reads an answer in words, with thoughts and tool calls in it where the model marks them. */
export class ProseReader implements AnswerReader {
  readonly #blocks: AnswerBlocks
  readonly #marks: ProseMarks
  readonly #nameOf: (wireName: string) => string
  #mode: Mode
  /** Text that cannot be told yet: it may be the beginning of a mark. */
  #held = ''
  #span = new JsonSpan()
  /** Whether any of the arguments have been read. */
  #hasInput = false
  /** The mark that began the call whose name is being read. */
  #opening = ''

  constructor(blocks: AnswerBlocks, marks: ProseMarks, nameOf: (wireName: string) => string) {
    this.#blocks = blocks
    this.#marks = marks
    this.#nameOf = nameOf
    const { thought } = marks.syntax
    this.#mode = thought !== undefined && thought.opens === undefined ? 'reasoning' : 'text'
  }

  read(text: string): boolean {
    this.#held += text
    for (;;) {
      const went = this.#step()
      if (went !== 'on') return went === 'done'
    }
  }

  end(): void {
    if (this.#mode === 'name') this.#say('text', this.#opening + this.#held)
    else if (this.#mode === 'text' || this.#mode === 'reasoning') this.#say(this.#mode, this.#held)
    this.#held = ''
    this.#blocks.endCall()
    this.#blocks.close()
  }

  #step(): 'on' | 'waits' | 'done' {
    switch (this.#mode) {
      case 'text':
        return this.#readText()
      case 'reasoning':
        return this.#readReasoning()
      case 'name':
        return this.#readName()
      case 'input':
        return this.#readInput()
      case 'closing':
        return this.#readClosing()
    }
  }

  #readText(): 'on' | 'waits' | 'done' {
    const { stops, syntax, hasTools } = this.#marks
    const { call, thought } = syntax
    const tools = hasTools ? [...call.opens, ...call.around] : []
    const opens = thought?.opens
    const found = this.#upToMark('text', [...stops, ...tools, ...(opens === undefined ? [] : [opens])])
    if (found === undefined) return 'waits'
    if (stops.includes(found)) {
      this.#held = ''
      return 'done'
    }
    if (found === opens) this.#mode = 'reasoning'
    else if (call.opens.includes(found)) {
      this.#mode = 'name'
      this.#opening = found
    }
    return 'on'
  }

  #readReasoning(): 'on' | 'waits' {
    const closes = this.#marks.syntax.thought?.closes as string
    if (this.#upToMark('reasoning', [closes]) === undefined) return 'waits'
    this.#mode = 'text'
    return 'on'
  }

  #readName(): 'on' | 'waits' {
    const { middle } = this.#marks.syntax.call
    const at = this.#held.indexOf(middle)
    if (at === -1) return 'waits'
    this.#blocks.beginCall(this.#nameOf(this.#held.slice(0, at).trim()))
    this.#held = this.#held.slice(at + middle.length)
    this.#span = new JsonSpan()
    this.#hasInput = false
    this.#mode = 'input'
    return 'on'
  }

  #readInput(): 'on' | 'waits' {
    if (!this.#hasInput && this.#mayClose()) return 'waits'
    // No arguments at all: the call is closed where they would begin.
    const isEmpty = !this.#hasInput && this.#closesHere()
    this.#hasInput = true
    const end = isEmpty ? 0 : this.#span.read(this.#held)
    this.#blocks.input(this.#held.slice(0, end))
    this.#held = end === undefined ? '' : this.#held.slice(end)
    if (end === undefined) return 'waits'
    this.#blocks.endCall()
    this.#mode = 'closing'
    return 'on'
  }

  /** Whether what is held is only the beginning of what closes a call; no arguments begin like that. */
  #mayClose(): boolean {
    const { closes } = this.#marks.syntax.call
    const text = this.#held.trimStart()
    return text.length < closes.length && closes.startsWith(text)
  }

  #closesHere(): boolean {
    const { closes } = this.#marks.syntax.call
    return closes !== '' && this.#held.trimStart().startsWith(closes)
  }

  #readClosing(): 'on' | 'waits' | 'done' {
    const { closes, isParallel } = this.#marks.syntax.call
    if (!isParallel) return 'done'
    if (this.#mayClose()) return 'waits'
    const text = this.#held.trimStart()
    this.#held = text.startsWith(closes) ? text.slice(closes.length).trimStart() : text
    this.#mode = 'text'
    return 'on'
  }

  /** Tells the text before the first mark, and returns that; what may be the beginning of one is held back. */
  #upToMark(type: 'text' | 'reasoning', marks: readonly string[]): string | undefined {
    const found = firstMark(this.#held, marks)
    if (found === undefined) {
      const told = this.#held.length - heldLength(this.#held, marks)
      this.#say(type, this.#held.slice(0, told))
      this.#held = this.#held.slice(told)
      return undefined
    }
    this.#say(type, found.before)
    this.#held = found.rest
    return found.mark
  }

  /** White space between calls is the template's, not the model's. */
  #say(type: 'text' | 'reasoning', text: string): void {
    if (this.#blocks.calls > 0 && text.trim() === '') return
    this.#blocks.say(type, text)
  }
}
