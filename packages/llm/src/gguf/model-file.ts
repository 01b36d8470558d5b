import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { AiosError } from '@aios/kernel'

const MAGIC = 'GGUF'
const BLOCK_BYTES = 65_536
/** Blocks of a file that its fingerprint covers: all of a small file, a sample of a large one. */
const BLOCKS = 128

/** Is what is known of a model before the engine reads it. */
export interface ModelFile {
  readonly path: string
  /** Tells models apart: a digest of the file's length, its beginning and blocks from all over it. */
  readonly fingerprint: string
}

function unreadable(path: string, cause: unknown): AiosError {
  const { code } = cause as NodeJS.ErrnoException
  const isMissing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR'
  const message = `Expected a GGUF file at "${path}", got ${isMissing ? 'none' : `the error ${code ?? String(cause)}`}. Check the path.`
  return new AiosError(isMissing ? 'AIOS_LLM_NOT_FOUND' : 'AIOS_LLM_PERMISSION', message, { cause })
}

async function blockAt(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, position)
  return buffer.subarray(0, bytesRead)
}

async function fingerprintOf(file: FileHandle, size: number): Promise<string> {
  const digest = createHash('sha256').update(`${size}:`)
  const blocks = Math.ceil(size / BLOCK_BYTES)
  const stride = Math.max(1, blocks / BLOCKS)
  for (let block = 0; block < blocks; block += stride)
    digest.update(await blockAt(file, Math.floor(block) * BLOCK_BYTES))
  return digest.digest('hex')
}

/**
 * Looks at a model's file.
 *
 * @throws AiosError `AIOS_LLM_NOT_FOUND` if there is none, `AIOS_LLM_PERMISSION` if it cannot be read, `AIOS_CORRUPT` if it is no
 * GGUF file
 */
export async function inspectModelFile(path: string): Promise<ModelFile> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { size } = await file.stat()
    const start = await blockAt(file, 0)
    if (start.subarray(0, MAGIC.length).toString('latin1') !== MAGIC)
      throw foreignFile(path, 'one that begins otherwise')
    return { path, fingerprint: await fingerprintOf(file, size) }
  } catch (error) {
    throw AiosError.is(error) ? error : unreadable(path, error)
  } finally {
    await file?.close()
  }
}

/** Returns the error for a file that is no model. */
export function foreignFile(path: string, got: string, cause?: unknown): AiosError {
  const message = `Expected "${path}" to be a whole GGUF model, got ${got}. Download or convert it again.`
  return new AiosError('AIOS_CORRUPT', message, cause === undefined ? {} : { cause })
}
