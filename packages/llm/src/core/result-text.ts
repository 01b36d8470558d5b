import { AiosError, type CoreWarning, type FilePart, type JsonValue, type ToolResultPart } from '@aios/kernel/driver'
import { fileName, plainValue } from './plain-value.js'
import { resultPieces, type ResultPiece } from './result-content.js'

/** Says how a provider takes the content of a tool's result. */
export interface ContentWords<T> {
  text(text: string): T
  /**
   * Translates a file, or returns undefined for one that the provider does not take there.
   *
   * @throws AiosError `AIOS_UNSUPPORTED` for the same
   */
  file(part: FilePart): T | undefined
}

const BASE64_QUARTET = 4
const BASE64_TRIPLET = 3

/** Counts the bytes of a file without reading them. */
function sizeOf(data: string): number {
  const base64 = data.slice(data.indexOf(',') + 1)
  const padding = /=*$/.exec(base64.slice(-2))?.[0].length ?? 0
  return Math.floor((base64.length * BASE64_TRIPLET) / BASE64_QUARTET) - padding
}

/** Returns the words that stand for a piece that is left out. */
function placeholder(piece: Exclude<ResultPiece, { type: 'text' }>): string {
  if (piece.type === 'custom') return `[${piece.kind}]`
  const { data, mediaType } = piece
  if (typeof data !== 'string') return fileName(mediaType, data.byteLength)
  return /^https?:/i.test(data) ? `[${mediaType}, ${data}]` : fileName(mediaType, sizeOf(data))
}

function shown<T>(piece: FilePart, words: ContentWords<T>): T | undefined {
  try {
    return words.file(piece)
  } catch (error) {
    if (error instanceof URIError || AiosError.is(error, 'AIOS_UNSUPPORTED')) return undefined
    throw error
  }
}

/**
 * Translates the content of a tool's result. Of what the provider does not take, a short text says the media type and the size, and
 * a warning goes to `warnings`.
 *
 * @returns undefined where the output is a value: see {@link resultText}
 */
export function resultContent<T>(
  part: ToolResultPart,
  words: ContentWords<T>,
  warnings: CoreWarning[],
): T[] | undefined {
  return resultPieces(part)?.map((piece) => {
    if (piece.type === 'text') return words.text(piece.text)
    const file = piece.type === 'file' ? shown(piece, words) : undefined
    if (file !== undefined) return file
    const stands = placeholder(piece)
    const message = `A part of the result of tool "${part.name}" was left out, and ${stands} sent in its place: this API cannot take it there.`
    warnings.push({ setting: 'messages', message })
    return words.text(stands)
  })
}

const TEXT_ONLY: ContentWords<string> = { text: (text) => text, file: () => undefined }

/** Returns what a tool returned as JSON can carry it, for providers that take a value; of content, its text. Never throws. */
export function resultValue(part: ToolResultPart, warnings: CoreWarning[]): JsonValue {
  return resultContent(part, TEXT_ONLY, warnings)?.join('\n') ?? plainValue(part.output)
}

/** Returns what a tool returned as text: a text as it is, anything else as JSON. Never throws. */
export function resultText(part: ToolResultPart, warnings: CoreWarning[]): string {
  const value = resultValue(part, warnings)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
