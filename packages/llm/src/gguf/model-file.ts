import { open, type FileHandle } from 'node:fs/promises'
import { AiosError } from '@aios/kernel/driver'
import { blockAt, fileFingerprint } from '../local/file-fingerprint.js'

const MAGIC = 'GGUF'

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
    const start = await blockAt(file, 0)
    if (start.subarray(0, MAGIC.length).toString('latin1') !== MAGIC)
      throw foreignFile(path, 'one that begins otherwise')
    return { path, fingerprint: await fileFingerprint(file) }
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
