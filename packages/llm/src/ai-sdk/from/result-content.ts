import { isRecord } from '../../core/record.js'
import type { AiSdkSpec } from '../spec-version.js'

type Fields = Readonly<Record<string, unknown>>

/** Lists what the output of a tool may hold, by specification. */
const KNOWN: Readonly<Record<AiSdkSpec, ReadonlySet<unknown>>> = {
  v2: new Set(['text', 'media']),
  v3: new Set(['text', 'file-data', 'file-url', 'file-id', 'image-data', 'image-url', 'image-file-id', 'custom']),
  v4: new Set(['text', 'file', 'custom']),
}

interface Inline {
  readonly mediaType: string
  readonly data: string
  readonly rest: Fields
}

/** Reads a file that holds its bytes, of any specification. */
function inlineOf({ type, data, mediaType, ...rest }: Fields): Inline | undefined {
  const isFlat = type === 'media' || type === 'file-data' || type === 'image-data'
  const tagged = type === 'file' && isRecord(data) && data['type'] === 'data' ? data['data'] : undefined
  const bytes = isFlat ? data : tagged
  const text = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('base64') : bytes
  return typeof text === 'string' && typeof mediaType === 'string' ? { mediaType, data: text, rest } : undefined
}

function inWordsOf(spec: AiSdkSpec, { mediaType, data, rest }: Inline): Fields {
  if (spec === 'v4') return { ...rest, type: 'file', mediaType, data: { type: 'data', data } }
  if (spec === 'v2') return { type: 'media', mediaType, data }
  return { ...rest, type: mediaType.startsWith('image/') ? 'image-data' : 'file-data', mediaType, data }
}

/**
 * Translates the content parts of a tool's output to those of a specification: text and files that hold their bytes from any,
 * everything else only from the same.
 *
 * @returns undefined if something in it has no word there
 */
export function resultContent(output: readonly unknown[], spec: AiSdkSpec): Fields[] | undefined {
  const parts = output.map((part): Fields | undefined => {
    if (!isRecord(part)) return undefined
    if (KNOWN[spec].has(part['type'])) return part
    const inline = inlineOf(part)
    return inline === undefined ? undefined : inWordsOf(spec, inline)
  })
  return parts.every((part) => part !== undefined) ? parts : undefined
}
