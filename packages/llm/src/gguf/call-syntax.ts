import type { ChatWrapper, LlamaText } from 'node-llama-cpp'
import type { LlamaSdk } from './sdk.js'

type Words = string | LlamaText | undefined

/** Says by which texts a model marks what is no plain text, each where its chat template has it. */
export interface CallSyntax {
  /** What begins a call of a tool, the longest first. */
  readonly opens: readonly string[]
  /** What stands between the tool's name and its arguments, which are JSON. */
  readonly middle: string
  readonly closes: string
  /** What stands around several calls. */
  readonly around: readonly string[]
  /** Whether several calls may follow each other. */
  readonly isParallel: boolean
}

/** Says by which texts a model marks its thoughts. */
export interface ThoughtSyntax {
  /** undefined where an answer begins with a thought, and has no other. */
  readonly opens: string | undefined
  readonly closes: string
}

/** Says what the answers of a model are made of besides text. */
export interface AnswerSyntax {
  readonly call: CallSyntax
  readonly thought: ThoughtSyntax | undefined
}

/** Writes text of the engine as the model's tokens show it. */
type Show = (words: LlamaText) => string

const filled = (texts: readonly string[]): string[] => texts.filter((text) => text.trim() !== '')

function thoughtOf({ settings }: ChatWrapper, shown: (words: Words) => string): ThoughtSyntax | undefined {
  const thought = settings.segments?.thought
  if (thought === undefined) return undefined
  const closes = shown(thought.suffix ?? settings.segments?.closeAllSegments).trim()
  if (closes === '') return undefined
  const { prefix } = thought
  if (typeof prefix === 'object' && 'type' in prefix && prefix.type === 'openedOnStart')
    return { opens: undefined, closes }
  const opens = shown(prefix as Words).trim()
  return opens === '' ? undefined : { opens, closes }
}

/**
 * Reads the marks of a model from its chat template.
 *
 * @param show - writes text with special tokens in it as they look when they are generated
 */
export function answerSyntax(wrapper: ChatWrapper, sdk: LlamaSdk, show: Show): AnswerSyntax {
  const shown = (words: Words): string => (words === undefined ? '' : show(sdk.LlamaText(words)))
  const { call, parallelism } = wrapper.settings.functions
  const opens = filled([call.prefix, ...(call.prefixAlternateMatches ?? [])].map(shown)).map((text) => text.trimStart())
  const around = [
    parallelism?.call.sectionPrefix,
    ...(parallelism?.call.sectionPrefixAlternateMatches ?? []),
    parallelism?.call.betweenCalls,
    parallelism?.call.sectionSuffix,
  ]
  return {
    call: {
      opens: [...new Set(opens)].sort((one, other) => other.length - one.length),
      // A name that is written twice is read once.
      middle: shown(call.paramsPrefix).split('{{')[0] ?? '',
      closes: shown(call.suffix).trim(),
      around: [...new Set(filled(around.map(shown)).map((text) => text.trim()))],
      isParallel: parallelism !== undefined,
    },
    thought: thoughtOf(wrapper, shown),
  }
}
