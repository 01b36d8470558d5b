import { FileFault, PAGE_HEAD, whole } from './data-file.js'

/** Kinds of pages, as LMDB marks them. */
export const PAGE_KIND = { branch: 1, leaf: 2, overflow: 4 } as const

const NODE_HEAD = 8
const ON_OVERFLOW = 1
/** Bytes that stand for a value which is on pages of its own. */
const REFERENCE_BYTES = 24

/** Is where a large value stands. */
export interface OverflowPages {
  readonly first: number
  readonly count: number
}

/** Is one node of a page. Its bytes are valid as long as the page is. */
export interface TreeNode {
  readonly key: Buffer
  /** Page below; of a branch only. */
  readonly child: number
  /** Bytes of the value; of a leaf only. */
  readonly size: number
  /** Value, if it stands here. */
  readonly data: Buffer
  readonly overflow: OverflowPages | undefined
}

/** Is what a page has to be. */
export interface PageClaim {
  readonly number: number
  readonly kind: (typeof PAGE_KIND)[keyof typeof PAGE_KIND]
  /** Newest commit that may have written it. */
  readonly transaction: number
}

/** Checks the beginning of a page. */
export function checkPageHead(page: Buffer, { number, kind, transaction }: PageClaim): void {
  if (whole(page, 0) !== number) throw new FileFault(`page ${number} with the number of another`)
  if (whole(page, 8) > transaction) throw new FileFault(`page ${number} of a commit that never was`)
  if (page.readUInt16LE(18) !== kind) throw new FileFault(`page ${number} of another kind`)
}

/**
 * Returns the nodes of a page after checking that they fill it as LMDB fills it.
 *
 * @throws FileFault
 */
export function nodesOf(page: Buffer, claim: PageClaim): TreeNode[] {
  checkPageHead(page, claim)
  const body = page.subarray(PAGE_HEAD)
  const lower = page.readUInt16LE(20)
  const upper = page.readUInt16LE(22)
  if (lower % 2 !== 0 || lower > upper || upper > body.length || lower === 0)
    throw new FileFault(`page ${claim.number} with impossible bounds`)
  const nodes: TreeNode[] = []
  let filled = 0
  for (let at = 0; at < lower; at += 2) {
    const start = body.readUInt16LE(at)
    if (start < upper || start + NODE_HEAD > body.length)
      throw new FileFault(`page ${claim.number} with a node outside of it`)
    const { node, bytes } = nodeAt(body, start, claim)
    filled += bytes
    nodes.push(node)
  }
  if (filled !== body.length - upper) throw new FileFault(`page ${claim.number} with nodes that do not fill it`)
  return nodes
}

function nodeAt(body: Buffer, start: number, { kind, number }: PageClaim): { node: TreeNode; bytes: number } {
  const low = body.readUInt16LE(start) + body.readUInt16LE(start + 2) * 0x1_0000
  const flags = body.readUInt16LE(start + 4)
  const keyEnd = start + NODE_HEAD + body.readUInt16LE(start + 6)
  const isLeaf = kind === PAGE_KIND.leaf
  if (isLeaf && flags !== 0 && flags !== ON_OVERFLOW) throw new FileFault(`page ${number} with a node of another kind`)
  const isAway = isLeaf && flags === ON_OVERFLOW
  const end = keyEnd + (isAway ? REFERENCE_BYTES : isLeaf ? low : 0)
  if (end > body.length) throw new FileFault(`page ${number} with a node that is longer than it`)
  const node = {
    key: body.subarray(start + NODE_HEAD, keyEnd),
    child: isLeaf ? 0 : low + flags * 0x1_0000_0000,
    size: isLeaf ? low : 0,
    data: body.subarray(keyEnd, end),
    overflow: isAway ? { first: whole(body, keyEnd), count: whole(body, keyEnd + 16) } : undefined,
  }
  return { node, bytes: end - start + ((end - start) % 2) }
}
