import type { FileHandle } from 'node:fs/promises'

/** Begins every LMDB file. */
const MAGIC = 0xbeefc0de
/** Format of the data file of the LMDB in use. */
const DATA_VERSION = 2
/** Bytes before the content of each page. */
export const PAGE_HEAD = 24
/** Bytes that are read at once. */
const WINDOW = 1_048_576
const SMALLEST_PAGE = 512
const LARGEST_PAGE = 65_536
const METAS = 2
/** Bytes of a meta page that are used. */
const META_BYTES = PAGE_HEAD + 144

/** Is what a meta page says about a tree. */
export interface TreeMeta {
  readonly pad: number
  readonly flags: number
  readonly depth: number
  readonly branchPages: number
  readonly leafPages: number
  readonly overflowPages: number
  readonly entries: number
  /** First page, or undefined for an empty tree. */
  readonly root: number | undefined
}

/** Is a commit of an LMDB file, as its meta page tells it. */
export interface Meta {
  readonly pageBytes: number
  readonly transaction: number
  readonly lastPage: number
  readonly mapBytes: number
  readonly free: TreeMeta
  readonly main: TreeMeta
}

/** Says what is wrong with a file. */
export class FileFault extends Error {}

/** Reads pages of an LMDB file without LMDB, whose code trusts what it reads. */
export class DataFile {
  readonly #file: FileHandle
  readonly bytes: number
  readonly pageBytes: number
  #window = Buffer.alloc(0)
  #at = 0

  constructor(file: FileHandle, bytes: number, pageBytes: number) {
    this.#file = file
    this.bytes = bytes
    this.pageBytes = pageBytes
  }

  /** Returns a page, valid until the next call. Cheap if pages are asked for in their order. */
  async page(number: number): Promise<Buffer> {
    const from = number * this.pageBytes
    if (from < this.#at || from + this.pageBytes > this.#at + this.#window.length) await this.#load(from)
    const offset = from - this.#at
    if (offset + this.pageBytes > this.#window.length)
      throw new FileFault(`a file of ${this.bytes} bytes, which ends before page ${number}`)
    return this.#window.subarray(offset, offset + this.pageBytes)
  }

  async #load(from: number): Promise<void> {
    const window = Buffer.alloc(Math.max(Math.min(WINDOW, this.bytes - from), 0))
    const { bytesRead } = await this.#file.read(window, 0, window.length, from)
    this.#window = window.subarray(0, bytesRead)
    this.#at = from
  }
}

/**
 * Reads both meta pages and returns the newest commit.
 *
 * @throws FileFault for a file that is no LMDB, or whose beginning is damaged
 */
export async function readMeta(file: FileHandle, bytes: number): Promise<Meta> {
  const even = await metaAt(file, 0)
  const odd = await metaAt(file, even.pageBytes)
  if (odd.pageBytes !== even.pageBytes) throw new FileFault('two first pages that differ in the size of pages')
  const newest = even.transaction > odd.transaction ? even : odd
  // Commits write the two pages in turn, so their numbers are neighbours, and tell which page they stand on. A copy that
  // LMDB made has its commit on the second.
  const isNeighbour = Math.abs(even.transaction - odd.transaction) === 1 && even.transaction % METAS === 0
  const isCopy = even.transaction === 0 && even.main.root === undefined && even.lastPage === METAS - 1
  if (!isCopy && !isNeighbour)
    throw new FileFault(
      `commits ${even.transaction} and ${odd.transaction} on its first pages, which do not follow each other`,
    )
  const pages = Math.floor(newest.mapBytes / newest.pageBytes)
  if (newest.lastPage < METAS - 1 || newest.lastPage >= pages || newest.mapBytes % newest.pageBytes !== 0)
    throw new FileFault(`a last page ${newest.lastPage} in a map of ${newest.mapBytes} bytes`)
  if (bytes < METAS * even.pageBytes) throw new FileFault(`a file of ${bytes} bytes`)
  await checkRoots(file, even)
  await checkRoots(file, odd)
  return newest
}

/**
 * The pages of a commit are not written over before the second one after it, so both can be asked how old their first pages are.
 * A commit with younger ones was renumbered, and would hide that it is the newest.
 */
async function checkRoots(file: FileHandle, { main, free, pageBytes, transaction }: Meta): Promise<void> {
  for (const { root } of [main, free]) {
    if (root === undefined) continue
    const head = Buffer.alloc(PAGE_HEAD)
    const { bytesRead } = await file.read(head, 0, PAGE_HEAD, root * pageBytes)
    if (bytesRead < PAGE_HEAD) throw new FileFault(`a file that ends before page ${root}`)
    if (whole(head, 8) > transaction)
      throw new FileFault(`commit ${transaction} on its first pages, with pages of a later one`)
  }
}

/** Returns the bytes of both meta pages, which change with every commit. */
export async function readMetaBytes(file: FileHandle): Promise<Buffer> {
  const bytes = Buffer.alloc(METAS * LARGEST_PAGE)
  const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
  const pageBytes = bytesRead < META_BYTES ? 0 : Math.min(bytes.readUInt32LE(PAGE_HEAD + 24), LARGEST_PAGE)
  return Buffer.concat([bytes.subarray(0, META_BYTES), bytes.subarray(pageBytes, pageBytes + META_BYTES)])
}

async function metaAt(file: FileHandle, from: number): Promise<Meta> {
  const page = Buffer.alloc(META_BYTES)
  const { bytesRead } = await file.read(page, 0, META_BYTES, from)
  if (bytesRead < META_BYTES)
    throw new FileFault(`a file of at most ${from + bytesRead} bytes, which ends in its first pages`)
  const body = page.subarray(PAGE_HEAD)
  if (body.readUInt32LE(0) !== MAGIC) throw new FileFault('a data.mdb that does not begin as one of LMDB')
  const version = body.readUInt32LE(4)
  if (version !== DATA_VERSION)
    throw new FileFault(`a data.mdb of another LMDB: format ${version}, not ${DATA_VERSION}`)
  if (page.readUInt16LE(18) !== 8 || body.readBigUInt64LE(8) !== 0n) throw new FileFault('a first page that is damaged')
  const free = treeMeta(body, 24)
  const pageBytes = free.pad
  if (pageBytes < SMALLEST_PAGE || pageBytes > LARGEST_PAGE || (pageBytes & (pageBytes - 1)) !== 0)
    throw new FileFault(`pages of ${pageBytes} bytes`)
  return {
    pageBytes,
    free,
    main: treeMeta(body, 72),
    mapBytes: whole(body, 16),
    lastPage: whole(body, 120),
    transaction: whole(body, 128),
  }
}

function treeMeta(body: Buffer, at: number): TreeMeta {
  return {
    pad: body.readUInt32LE(at),
    flags: body.readUInt16LE(at + 4),
    depth: body.readUInt16LE(at + 6),
    branchPages: whole(body, at + 8),
    leafPages: whole(body, at + 16),
    overflowPages: whole(body, at + 24),
    entries: whole(body, at + 32),
    root: body.readBigUInt64LE(at + 40) === 0xffff_ffff_ffff_ffffn ? undefined : whole(body, at + 40),
  }
}

/** Reads a number of 64 bits that means pages, bytes or commits. */
export function whole(buffer: Buffer, at: number): number {
  const high = buffer.readUInt32LE(at + 4)
  if (high >= 0x20_0000) throw new FileFault('a number beyond all bounds on a page')
  return high * 0x1_0000_0000 + buffer.readUInt32LE(at)
}
