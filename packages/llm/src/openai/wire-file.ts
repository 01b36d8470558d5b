import { AiosError, type FilePart } from '@aios/kernel/driver'
import type { ChatCompletionContentPart } from 'openai/resources/chat/completions'
import { fileData } from '../core/file-data.js'

const AUDIO_FORMATS: Readonly<Record<string, 'wav' | 'mp3'>> = {
  'audio/wav': 'wav',
  'audio/x-wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
}

/**
 * Translates a file: images as URLs, wav and mp3 as audio, everything else as a document.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a web address of anything but an image, which chat completions cannot fetch
 */
export function toWireFile(part: FilePart): ChatCompletionContentPart {
  const { mediaType } = part
  const data = fileData(part)
  const isImage = mediaType.startsWith('image/')
  if ('url' in data) {
    if (isImage) return { type: 'image_url', image_url: { url: data.url } }
    const message = `Expected the bytes of a ${mediaType} file, got a web address. Only images can be sent as one.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  const url = `data:${mediaType};base64,${data.base64}`
  if (isImage) return { type: 'image_url', image_url: { url } }
  const format = Object.hasOwn(AUDIO_FORMATS, mediaType) ? AUDIO_FORMATS[mediaType] : undefined
  if (format !== undefined) return { type: 'input_audio', input_audio: { data: data.base64, format } }
  const filename = part.filename ?? `file.${mediaType.split('/').at(-1)}`
  return { type: 'file', file: { file_data: url, filename } }
}
