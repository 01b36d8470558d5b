import type { CustomPart, FilePart, ProviderBag, TextPart, ToolResultPart } from '@aios/kernel'
import { isRecord } from './record.js'

/** Is the key of everything of the AI SDK in `opaque` and `providerOptions`. */
export const BAG = 'ai-sdk'

type Fields = Readonly<Record<string, unknown>>

/** Is one piece of what a tool returned: text, a file, or what only some provider can read. */
export type ResultPiece = TextPart | FilePart | CustomPart

/** Marks the result of a tool whose output is a list of content parts, as an app of the AI SDK gives files. */
export function contentState(opaque: ProviderBag | undefined): { readonly opaque: ProviderBag } {
  const kept = opaque?.[BAG]
  return { opaque: { ...opaque, [BAG]: { ...(isRecord(kept) ? kept : {}), isContent: true } } }
}

/** Tells whether the output of a tool is a list of content parts. */
export function isContent(opaque: ProviderBag | undefined): boolean {
  const kept = opaque?.[BAG]
  return isRecord(kept) && kept['isContent'] === true
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Reads where a file is: its bytes, or its address. */
function dataOf({ data, url }: Fields): Uint8Array | string | undefined {
  const tagged = isRecord(data) && !(data instanceof Uint8Array) && !(data instanceof URL) ? data : undefined
  const given = tagged === undefined ? (data ?? url) : tagged['type'] === 'url' ? tagged['url'] : tagged['data']
  if (tagged?.['type'] === 'text') return Buffer.from(text(tagged['text']) ?? '')
  if (given instanceof URL) return given.href
  return given instanceof Uint8Array ? given : text(given)
}

const FILES: readonly unknown[] = ['file', 'media', 'file-data', 'image-data', 'file-url', 'image-url']

/** Some name no more than the kind of a file. */
function mediaTypeOf({ type, mediaType }: Fields): string {
  const said = text(mediaType) ?? (type === 'image-url' ? 'image' : 'application/octet-stream')
  return said.includes('/') ? said : `${said}/*`
}

function pieceOf(part: unknown): ResultPiece {
  const fields = isRecord(part) ? part : {}
  const { type, filename } = fields
  if (type === 'text') return { type, text: text(fields['text']) ?? '' }
  const data = FILES.includes(type) ? dataOf(fields) : undefined
  if (data === undefined) return { type: 'custom', kind: `${BAG}.${text(type) ?? 'content'}`, value: part }
  const name = text(filename)
  return { type: 'file', mediaType: mediaTypeOf(fields), data, ...(name === undefined ? {} : { filename: name }) }
}

/**
 * Returns the pieces of a tool's result whose output is a list of content parts, in the words of any specification of the AI SDK;
 * undefined where the output is a value.
 */
export function resultPieces({ output, opaque }: ToolResultPart): readonly ResultPiece[] | undefined {
  return Array.isArray(output) && isContent(opaque) ? output.map(pieceOf) : undefined
}
