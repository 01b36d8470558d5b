import type { FilePart } from '@aios/kernel'

const DATA_URL = /^data:([^,]*),/i

/** Is what a file holds: an address on the web, or its bytes as base64. */
export type FileData = { readonly url: string } | { readonly base64: string }

function fromDataUrl(url: string, header: string): string {
  const payload = url.slice(url.indexOf(',') + 1)
  return /;base64$/i.test(header) ? payload : Buffer.from(decodeURIComponent(payload)).toString('base64')
}

/** Reads the data of a file part, whichever way it was given. */
export function fileData({ data }: FilePart): FileData {
  if (typeof data !== 'string')
    return { base64: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') }
  if (/^https?:/i.test(data)) return { url: data }
  const header = DATA_URL.exec(data)?.[1]
  return { base64: header === undefined ? data : fromDataUrl(data, header) }
}
