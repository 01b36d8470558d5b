import type { ChatWrapper, LlamaText } from 'node-llama-cpp'
import type { AnswerSyntax, ThoughtSyntax } from '../local/answer-syntax.js'
import type { LlamaSdk } from './sdk.js'

type Words = string | LlamaText | undefined

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
