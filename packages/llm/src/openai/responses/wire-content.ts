import { AiosError, type FilePart } from '@aios/kernel/driver'
import type { ResponseInputContent } from 'openai/resources/responses/responses'
import { fileData } from '../../core/file-data.js'

/**
 * Translates a file: images, and documents by their bytes or their web address.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for sound and moving pictures
 */
export function toInputFile(part: FilePart): ResponseInputContent {
  const { mediaType, filename } = part
  const [kind, subtype] = mediaType.split('/')
  const data = fileData(part)
  const url = 'url' in data ? data.url : `data:${mediaType};base64,${data.base64}`
  if (kind === 'image') return { type: 'input_image', image_url: url, detail: 'auto' }
  if (kind === 'audio' || kind === 'video') {
    const message = `Expected images and documents, got a ${mediaType} file. Use api: 'chat' with a model that hears, or another core.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  if ('url' in data) return { type: 'input_file', file_url: url }
  return { type: 'input_file', file_data: url, filename: filename ?? `file.${subtype}` }
}
