import type { CustomPart, FilePart } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { partOrigin, signatureOf } from './part-origin.js'
import type { WirePart } from './wire-content.js'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** Stand beside what a part is, and do not name it. */
const BESIDE: ReadonlySet<string> = new Set(['text', 'thought', 'thoughtSignature', 'videoMetadata', 'partMetadata'])

function fileOf(part: WirePart): Pick<FilePart, 'mediaType' | 'data'> | undefined {
  const { inlineData, fileData } = part
  const [file, name] = isRecord(inlineData) ? [inlineData, 'data'] : [isRecord(fileData) ? fileData : {}, 'fileUri']
  const mediaType = text(file['mimeType'])
  const data = text(file[name])
  const isReadable = name === 'data' || /^https:/i.test(data ?? '')
  return mediaType === undefined || data === undefined || !isReadable ? undefined : { mediaType, data }
}

/** Tells whether a part is text, or thought. */
export function isText(part: WirePart): boolean {
  return typeof part['text'] === 'string' && Object.keys(part).every((name) => BESIDE.has(name))
}

/** Translates a part that is neither text nor a call: a file, or what only Gemini knows, which is kept as it came. */
export function toAnswerPart(part: WirePart, host: string): FilePart | CustomPart {
  const file = part['thought'] === true ? undefined : fileOf(part)
  const signature = signatureOf(part)
  const opaque = partOrigin(host, { signature })
  if (file !== undefined) return { type: 'file', ...file, ...(signature === undefined ? {} : { opaque }) }
  const kind = Object.keys(part).find((name) => !BESIDE.has(name)) ?? 'part'
  return { type: 'custom', kind: `google.${kind}`, value: part, opaque }
}
