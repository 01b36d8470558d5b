import { AiosError, type FilePart } from '@aios/kernel/driver'
import { fileData } from '../core/file-data.js'
import type { Block } from './block-state.js'

const PDF = 'application/pdf'

/** Any kind of text is sent as plain text; the name of the file tells the model the rest. */
function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}

function sourceOf(part: FilePart): object {
  const data = fileData(part)
  if ('url' in data) return { type: 'url', url: data.url }
  return { type: 'base64', media_type: part.mediaType, data: data.base64 }
}

function documentSource(part: FilePart): object {
  const data = fileData(part)
  if (part.mediaType === PDF) return sourceOf(part)
  if (part.mediaType.startsWith('text/') && 'base64' in data)
    return { type: 'text', media_type: 'text/plain', data: textOf(data.base64) }
  const message = `Expected an image, a PDF or the bytes of a text, got a ${part.mediaType} file. The API has no place for it.`
  throw new AiosError('AIOS_UNSUPPORTED', message)
}

/**
 * Translates a file: images and PDFs by their bytes or web address, texts by their bytes.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for anything else
 */
export function toWireFile(part: FilePart): Block {
  if (part.mediaType.startsWith('image/')) return { type: 'image', source: sourceOf(part) }
  const title = part.filename === undefined ? {} : { title: part.filename }
  return { type: 'document', source: documentSource(part), ...title }
}
