import { FileFault, whole, type DataFile, type Meta } from './data-file.js'
import { PageSet } from './page-set.js'
import { readAway, TreeCheck, type AwayValue, type TreeView } from './page-tree.js'
import { HASH_START } from './record-hash.js'
import { HEAD_BYTES, isHeadWhole } from './record-format.js'
import type { StoredKey } from './stored-key.js'

/** Bytes before each value: its version. */
const VERSION_BYTES = 8
const NO_PREFIX = { bytes: new Uint8Array(0), hash: HASH_START }
const WORD = 8

/** Returns how the tree of the records is read. */
export function mainTree(file: DataFile, { main, transaction }: Meta): TreeView {
  return { file, meta: main, transaction, compare: (a, b) => a.compare(b) }
}

function freeTree(file: DataFile, { free, transaction }: Meta): TreeView {
  return { file, meta: free, transaction, compare: (a, b) => Number(a.readBigUInt64LE() - b.readBigUInt64LE()) }
}

/** Is what stands in the tree before a value. */
interface Head {
  readonly key: Buffer
  readonly size: number
  readonly bytes: Buffer
}

/** Whether a record's key, version and length are those that were written. */
function isWhole({ key, size, bytes }: Head): boolean {
  if (size < VERSION_BYTES + HEAD_BYTES) return false
  const stored: StoredKey = { prefix: NO_PREFIX, key }
  const version = bytes.readDoubleLE()
  const head = bytes.subarray(VERSION_BYTES, VERSION_BYTES + HEAD_BYTES)
  return Number.isSafeInteger(version) && isHeadWhole(stored, version, { head, length: size - VERSION_BYTES })
}

/**
 * Looks at all pages that lead to records, at all keys, and at the list of free pages.
 *
 * @returns the keys whose records are not those that were written; values are not looked at
 * @throws FileFault for pages that LMDB could not bear
 */
export async function checkStore(file: DataFile, meta: Meta): Promise<readonly Buffer[]> {
  const pages = meta.lastPage + 1
  const used = new PageSet(pages)
  used.add(0)
  used.add(1)
  const damaged: Buffer[] = []
  const look = (head: Head): void => {
    if (!isWhole(head)) damaged.push(Buffer.from(head.key))
  }
  const main = mainTree(file, meta)
  const large = await new TreeCheck(main, used).run(({ key, size, data }) => {
    look({ key, size, bytes: data })
  })
  for (const away of large) look({ key: away.key, size: away.size, bytes: await readAway(main, away) })
  await checkFree(file, meta, used)
  return damaged
}

/** A free page that is in use would be written over. */
async function checkFree(file: DataFile, meta: Meta, used: PageSet): Promise<void> {
  const view = freeTree(file, meta)
  const lists: Buffer[] = []
  const large = await new TreeCheck(view, used).run(({ key, data }) => {
    checkFreeKey(key, meta)
    lists.push(Buffer.from(data))
  })
  for (const away of large) {
    checkFreeKey(away.key, meta)
    lists.push(await wholeValue(view, away))
  }
  for (const list of lists) markFree(list, used)
}

function checkFreeKey(key: Buffer, { transaction }: Meta): void {
  if (key.length !== WORD || whole(key, 0) > transaction)
    throw new FileFault('a list of free pages of a commit that never was')
}

async function wholeValue(view: TreeView, away: AwayValue): Promise<Buffer> {
  const parts = [Buffer.from(await readAway(view, away))]
  for (let page = 1; page < away.pages.count; page += 1)
    parts.push(Buffer.from(await view.file.page(away.pages.first + page)))
  return Buffer.concat(parts).subarray(0, away.size)
}

/** A list is its length, then pages; a negative number tells how many follow the next one, zero is nothing. */
function markFree(list: Buffer, used: PageSet): void {
  const bad = (): FileFault => new FileFault('a list of free pages that is damaged')
  if (list.length < WORD) throw bad()
  const count = whole(list, 0)
  if ((count + 1) * WORD > list.length) throw bad()
  for (let at = 1; at <= count; at += 1) {
    const entry = Number(list.readBigInt64LE(at * WORD))
    if (entry === 0) continue
    const isRun = entry < 0
    if (isRun) at += 1
    if (at > count) throw bad()
    const first = isRun ? Number(list.readBigInt64LE(at * WORD)) : entry
    for (let page = first; page < first + (isRun ? -entry : 1); page += 1) if (!used.add(page)) throw bad()
  }
}
