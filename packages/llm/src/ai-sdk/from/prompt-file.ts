import type { FilePart } from '@aios/kernel'
import { fileData } from '../../core/file-data.js'
import type { SdkModel } from './model.js'

/** Holds a file the way v4 does; before, it was the value alone. */
type Tagged = { type: 'data'; data: Uint8Array | string } | { type: 'url'; url: URL }

/** Is a file in a prompt. */
export interface PromptFile {
  type: 'file'
  mediaType: string
  data: Uint8Array | string | URL | Tagged
  filename?: string
  providerOptions?: Readonly<Record<string, unknown>>
}

function contentOf(part: FilePart): Uint8Array | string | URL {
  if (typeof part.data !== 'string') return part.data
  const data = fileData(part)
  return 'url' in data ? new URL(data.url) : data.base64
}

function tagged(content: Uint8Array | string | URL): Tagged {
  return content instanceof URL ? { type: 'url', url: content } : { type: 'data', data: content }
}

/** Translates a file: bytes stay bytes, addresses stay addresses. */
export function toFilePart(part: FilePart, { specificationVersion }: SdkModel): PromptFile {
  const content = contentOf(part)
  return {
    type: 'file',
    mediaType: part.mediaType,
    data: specificationVersion === 'v4' ? tagged(content) : content,
    ...(part.filename === undefined ? {} : { filename: part.filename }),
  }
}

/** Returns the address of a file of a prompt, if it has one. */
export function addressOf({ data }: PromptFile): URL | undefined {
  if (data instanceof URL) return data
  return typeof data === 'object' && 'url' in data ? data.url : undefined
}
