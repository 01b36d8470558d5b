import { FileFault, type DataFile, PAGE_HEAD, type TreeMeta } from './data-file.js'
import type { PageSet } from './page-set.js'
import { checkPageHead, nodesOf, PAGE_KIND, type OverflowPages, type TreeNode } from './tree-page.js'

/** Is a page that the level above leads to, and between which keys its own have to be. */
interface Expected {
  readonly page: number
  readonly from: Buffer | undefined
  readonly to: Buffer | undefined
}

/** Is a value that stands on pages of its own. */
export interface AwayValue {
  readonly key: Buffer
  readonly size: number
  readonly pages: OverflowPages
}

/** Orders keys. */
export type CompareKeys = (a: Buffer, b: Buffer) => number

/** Is what a tree is read with. */
export interface TreeView {
  readonly file: DataFile
  readonly meta: TreeMeta
  /** Newest commit. */
  readonly transaction: number
  readonly compare: CompareKeys
}

/** Returns a copy of what stands under a key, or undefined. Reads only the pages on the way. */
export async function findInTree(
  { file, meta, transaction, compare }: TreeView,
  key: Buffer,
): Promise<Buffer | undefined> {
  let number = meta.root
  for (let level = 1; number !== undefined && level <= meta.depth; level += 1) {
    const kind = level === meta.depth ? PAGE_KIND.leaf : PAGE_KIND.branch
    const nodes = nodesOf(await file.page(number), { number, kind, transaction })
    if (kind === PAGE_KIND.leaf) {
      const found = nodes.find((node) => node.key.equals(key))
      return found === undefined || found.overflow !== undefined ? undefined : Buffer.from(found.data)
    }
    const after = nodes.findIndex((node, at) => at > 0 && compare(node.key, key) > 0)
    number = nodes.at(after === -1 ? -1 : after - 1)?.child
  }
  return undefined
}

/**
 * Looks at every page of a tree, level by level, each in the order of the file: that it is what leads to it says, that keys
 * rise, and that no page is in two places.
 */
export class TreeCheck {
  readonly #view: TreeView
  readonly #used: PageSet
  readonly #away: AwayValue[] = []
  #counts = { branch: 0, leaf: 0, overflow: 0, entries: 0 }

  constructor(view: TreeView, used: PageSet) {
    this.#view = view
    this.#used = used
  }

  /**
   * Checks the tree.
   *
   * @param visit - called with each node of a leaf that holds its value
   * @returns the values that stand on pages of their own, in the order of those
   * @throws FileFault
   */
  async run(visit: (node: TreeNode) => void): Promise<readonly AwayValue[]> {
    const { meta } = this.#view
    let level: Expected[] = meta.root === undefined ? [] : [{ page: meta.root, from: undefined, to: undefined }]
    if ((meta.depth === 0) !== (level.length === 0)) throw new FileFault('a tree without a first page')
    for (let depth = 1; depth <= meta.depth; depth += 1) level = await this.#level(level, depth === meta.depth, visit)
    this.#compareCounts()
    return this.#away.sort((a, b) => a.pages.first - b.pages.first)
  }

  async #level(pages: Expected[], isLast: boolean, visit: (node: TreeNode) => void): Promise<Expected[]> {
    const below: Expected[] = []
    const { file, transaction } = this.#view
    const kind = isLast ? PAGE_KIND.leaf : PAGE_KIND.branch
    for (const expected of pages.sort((a, b) => a.page - b.page)) {
      this.#use(expected.page)
      const nodes = nodesOf(await file.page(expected.page), { number: expected.page, kind, transaction })
      this.#checkOrder(nodes, expected, isLast)
      if (isLast) for (const node of nodes) this.#leaf(node, visit)
      else below.push(...childrenOf(nodes, expected))
      this.#counts[isLast ? 'leaf' : 'branch'] += 1
    }
    return below
  }

  #leaf(node: TreeNode, visit: (node: TreeNode) => void): void {
    this.#counts.entries += 1
    const { overflow, size } = node
    if (overflow === undefined) {
      visit(node)
      return
    }
    const needed = Math.ceil((size + PAGE_HEAD) / this.#view.file.pageBytes)
    if (overflow.count !== needed) throw new FileFault(`a value of ${size} bytes on ${overflow.count} pages`)
    for (let page = 0; page < needed; page += 1) this.#use(overflow.first + page)
    this.#counts.overflow += needed
    this.#away.push({ key: Buffer.from(node.key), size, pages: overflow })
  }

  #use(page: number): void {
    const { bytes, pageBytes } = this.#view.file
    // What lies in the memory map behind the end of the file ends the process that reads it.
    if ((page + 1) * pageBytes > bytes) throw new FileFault(`a file of ${bytes} bytes, which ends before page ${page}`)
    if (!this.#used.add(page)) throw new FileFault(`page ${page} in two places, or outside of the store`)
  }

  /** The first key of a branch stands for "from the beginning" and is not looked at. */
  #checkOrder(nodes: readonly TreeNode[], { page, from, to }: Expected, isLeaf: boolean): void {
    const { compare } = this.#view
    let last = isLeaf ? undefined : from
    for (const [at, { key }] of nodes.entries()) {
      if (!isLeaf && at === 0) continue
      const isFirst = at === 0
      const isRising = isFirst
        ? from === undefined || compare(key, from) >= 0
        : last === undefined || compare(key, last) > 0
      if (key.length === 0 || !isRising || (to !== undefined && compare(key, to) >= 0))
        throw new FileFault(`page ${page} with keys out of order`)
      last = key
    }
  }

  #compareCounts(): void {
    const { branchPages, leafPages, overflowPages, entries } = this.#view.meta
    const { branch, leaf, overflow, entries: found } = this.#counts
    if (branch !== branchPages || leaf !== leafPages || overflow !== overflowPages || found !== entries)
      throw new FileFault(
        `${found} entries on ${branch + leaf + overflow} pages where its first page tells of ${entries} on ${branchPages + leafPages + overflowPages}`,
      )
  }
}

function childrenOf(nodes: readonly TreeNode[], { from, to }: Expected): Expected[] {
  const keys = nodes.map(({ key }) => Buffer.from(key))
  return nodes.map(({ child }, at) => ({
    page: child,
    from: at === 0 ? from : keys[at],
    to: at === nodes.length - 1 ? to : keys[at + 1],
  }))
}

/** Returns the first bytes of a value that stands on pages of its own, after checking their beginning. */
export async function readAway(
  { file, transaction }: TreeView,
  { pages: { first, count } }: AwayValue,
): Promise<Buffer> {
  const page = await file.page(first)
  checkPageHead(page, { number: first, kind: PAGE_KIND.overflow, transaction })
  if (page.readUInt32LE(20) !== count) throw new FileFault(`page ${first} that begins another number of pages`)
  return page.subarray(PAGE_HEAD)
}
