import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

const BLOCK_BYTES = 65_536
/** Blocks of a file that its fingerprint covers: all of a small file, a sample of a large one. */
const BLOCKS = 128

/** Reads the block that begins at a place of a file; at its end there is less of it. */
export async function blockAt(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, position)
  return buffer.subarray(0, bytesRead)
}

/** Tells files of models apart: a digest of the length, the beginning and blocks from all over a file. */
export async function fileFingerprint(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  const digest = createHash('sha256').update(`${size}:`)
  const blocks = Math.ceil(size / BLOCK_BYTES)
  const stride = Math.max(1, blocks / BLOCKS)
  for (let block = 0; block < blocks; block += stride)
    digest.update(await blockAt(file, Math.floor(block) * BLOCK_BYTES))
  return digest.digest('hex')
}
