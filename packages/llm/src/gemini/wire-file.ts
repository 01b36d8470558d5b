import type { FilePart } from '@aios/kernel'
import type { WirePart } from './wire-content.js'

const isWebUrl = (data: string): boolean => /^https?:/i.test(data)
const isDataUrl = (data: string): boolean => /^data:/i.test(data)

function base64Of(data: Uint8Array | string): string {
  if (typeof data !== 'string') return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')
  return isDataUrl(data) ? data.slice(data.indexOf(',') + 1) : data
}

/** Translates a file: a web address as `fileData`, everything else as `inlineData`. */
export function toWireFile({ mediaType, data }: FilePart): WirePart {
  if (typeof data === 'string' && isWebUrl(data)) return { fileData: { mimeType: mediaType, fileUri: data } }
  return { inlineData: { mimeType: mediaType, data: base64Of(data) } }
}
