import { AiosError, type FilePart } from '@aios/kernel'
import type { ChatCompletionContentPart } from 'openai/resources/chat/completions'

const AUDIO_FORMATS: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

const isWebUrl = (data: string): boolean => /^https?:/i.test(data)
const isDataUrl = (data: string): boolean => /^data:/i.test(data)

function base64Of(data: Uint8Array | string): string {
  if (typeof data !== 'string') return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return isDataUrl(data) ? data.slice(data.indexOf(',') + 1) : data
}

function urlOf(part: FilePart): string {
  if (typeof part.data === 'string' && (isWebUrl(part.data) || isDataUrl(part.data))) return part.data
  return `data:${part.mediaType};base64,${base64Of(part.data)}`
}

/**
 * Translates a file: images as URLs, wav and mp3 as audio, everything else as a document.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a web address of anything but an image, which chat completions cannot fetch
 */
export function toWireFile(part: FilePart): ChatCompletionContentPart {
  if (part.mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url: urlOf(part) } }
  if (typeof part.data === 'string' && isWebUrl(part.data)) {
    const message = `Expected the bytes of a ${part.mediaType} file, got a web address. Only images can be sent as one.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  const format = Object.hasOwn(AUDIO_FORMATS, part.mediaType) ? AUDIO_FORMATS[part.mediaType] : undefined
  if (format !== undefined) return { type: 'input_audio', input_audio: { data: base64Of(part.data), format } }
  const filename = part.filename ?? `file.${part.mediaType.split('/').at(-1)}`
  return { type: 'file', file: { file_data: urlOf(part), filename } }
}
