import type { FilePart } from '@aios/kernel'
import { fileData } from '../core/file-data.js'
import type { WirePart } from './wire-content.js'

/** Translates a file: a web address as `fileData`, everything else as `inlineData`. */
export function toWireFile(part: FilePart): WirePart {
  const mimeType = part.mediaType
  const data = fileData(part)
  return 'url' in data ? { fileData: { mimeType, fileUri: data.url } } : { inlineData: { mimeType, data: data.base64 } }
}
