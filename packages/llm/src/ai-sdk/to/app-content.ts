import type { CustomPart, FilePart, MessagePart, SourcePart, ToolCallPart } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { METADATA_KIND } from '../from/finish-metadata.js'
import { KIND } from '../provider-state.js'
import type { AiSdkSpec } from '../spec-version.js'
import { carried, toMetadata } from './app-state.js'
import type { AppContent, AppFileData, AppMetadata, AppToolCall, AppWhole } from './served-model.js'

/** Are kinds of content by the specification that has them first; those of the caller's own are not among them. */
const SINCE: Readonly<Record<string, AiSdkSpec>> = {
  'tool-call': 'v2',
  'tool-result': 'v2',
  'tool-approval-request': 'v3',
  custom: 'v4',
  'reasoning-file': 'v4',
}

function fileContent({ mediaType, data, opaque }: FilePart, spec: AiSdkSpec): object {
  const isAddress = typeof data === 'string' && /^https?:/i.test(data)
  const plain = typeof data === 'string' && data.startsWith('data:') ? data.slice(data.indexOf(',') + 1) : data
  const tagged = isAddress ? { type: 'url', url: new URL(data) } : { type: 'data', data: plain }
  return {
    type: 'file',
    mediaType,
    data: (spec === 'v4' ? tagged : plain) as AppFileData<AiSdkSpec>,
    ...toMetadata(opaque),
  }
}

function sourceContent({ url, title, opaque }: SourcePart, id: string): object {
  const where =
    url === undefined
      ? { sourceType: 'document', mediaType: 'text/plain', title: title ?? '' }
      : { sourceType: 'url', url, ...(title === undefined ? {} : { title }) }
  return { type: 'source', id, ...where, ...toMetadata(opaque) }
}

/** Translates a call; the AI SDK wants JSON where there are no arguments. */
export function toolCallContent({ id, name, inputText, opaque }: ToolCallPart): AppToolCall {
  const input = inputText.trim() === '' ? '{}' : inputText
  return { type: 'tool-call', toolCallId: id, toolName: name, input, ...toMetadata(opaque) }
}

/** Returns the metadata of a whole answer that a part holds, if it is that. */
export function answerMetadata(part: MessagePart): AppMetadata | undefined {
  return part.type === 'custom' && part.kind === METADATA_KIND ? (part.value as AppMetadata) : undefined
}

/** Content of a model of the AI SDK is that content again, where the app's version has it; it comes back whole. */
function original(part: CustomPart, spec: AiSdkSpec): object | undefined {
  const since = part.kind.startsWith(KIND) ? SINCE[part.kind.slice(KIND.length)] : undefined
  if (since === undefined || since > spec || !isRecord(part.value)) return undefined
  const metadata = isRecord(part.value['providerMetadata']) ? part.value['providerMetadata'] : {}
  return { ...part.value, providerMetadata: { ...metadata, ...carried(part).providerMetadata } }
}

/**
 * Translates content that comes whole, also inside of a stream.
 *
 * @param id - for a source
 * @returns undefined for what the AI SDK has no word for
 */
export function wholeContent<S extends AiSdkSpec>(
  part: FilePart | SourcePart | CustomPart,
  spec: S,
  id: string,
): AppWhole<S> | undefined {
  if (part.type === 'source') return sourceContent(part, id) as AppWhole<S>
  const content = part.type === 'file' ? fileContent(part, spec) : original(part, spec)
  return content as AppWhole<S> | undefined
}

/** Translates the parts of a whole answer. What the AI SDK has no word for is empty reasoning that carries it. */
export function toContent<S extends AiSdkSpec>(parts: readonly MessagePart[], spec: S): AppContent<S>[] {
  return parts.flatMap((part, index): AppContent<S>[] => {
    if (answerMetadata(part) !== undefined) return []
    if (part.type === 'text' || part.type === 'reasoning')
      return [{ type: part.type, text: part.text, ...toMetadata(part.opaque) }]
    if (part.type === 'tool-call') return [toolCallContent(part)]
    const whole = part.type === 'tool-result' ? undefined : wholeContent(part, spec, `source-${index}`)
    return [whole ?? { type: 'reasoning', text: '', ...carried(part) }]
  })
}
