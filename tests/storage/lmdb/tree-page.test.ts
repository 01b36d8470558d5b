import { describe, expect, it } from 'vitest'
import { FileFault, PAGE_HEAD } from '../../../packages/storage/src/lmdb/data-file.js'
import { nodesOf, PAGE_KIND } from '../../../packages/storage/src/lmdb/tree-page.js'

const SIZE = 512
const leaf = { number: 5, kind: PAGE_KIND.leaf, transaction: 9 } as const
const branch = { ...leaf, kind: PAGE_KIND.branch } as const

interface Node {
  readonly key: string
  readonly low?: number
  readonly flags?: number
  readonly data?: Buffer
}

/** Makes a page as LMDB fills it: places of nodes from the front, nodes from the end. */
function pageOf(nodes: readonly Node[], kind: number = PAGE_KIND.leaf): Buffer {
  const page = Buffer.alloc(SIZE)
  const body = page.subarray(PAGE_HEAD)
  page.writeBigUInt64LE(5n, 0)
  page.writeBigUInt64LE(9n, 8)
  page.writeUInt16LE(kind, 18)
  let end = body.length
  for (const [at, { key, data = Buffer.alloc(0), low = data.length, flags = 0 }] of nodes.entries()) {
    const bytes = 8 + key.length + data.length
    end -= bytes + (bytes % 2)
    body.writeUInt16LE(end, at * 2)
    body.writeUInt32LE(low, end)
    body.writeUInt16LE(flags, end + 4)
    body.writeUInt16LE(key.length, end + 6)
    body.write(key, end + 8, 'latin1')
    data.copy(body, end + 8 + key.length)
  }
  page.writeUInt16LE(nodes.length * 2, 20)
  page.writeUInt16LE(end, 22)
  return page
}

const two = (): Buffer =>
  pageOf([
    { key: 'a', data: Buffer.from('one') },
    { key: 'bc', data: Buffer.from('two') },
  ])
const changed = (change: (page: Buffer) => void): Buffer => {
  const page = two()
  change(page)
  return page
}

describe('a page of a tree', () => {
  it('is read as LMDB filled it: values, pages below, and values on pages of their own', () => {
    expect(nodesOf(two(), leaf).map(({ key, data }) => `${String(key)}=${String(data)}`)).toEqual(['a=one', 'bc=two'])
    const below = pageOf(
      [
        { key: '', low: 7 },
        { key: 'm', low: 8, flags: 1 },
      ],
      PAGE_KIND.branch,
    )
    expect(nodesOf(below, branch).map(({ child }) => child)).toEqual([7, 8 + 2 ** 32])
    const place = Buffer.alloc(24)
    place.writeBigUInt64LE(40n, 0)
    place.writeBigUInt64LE(3n, 16)
    const away = pageOf([{ key: 'k', low: 10_000, flags: 1, data: place }])
    expect(nodesOf(away, leaf)[0]).toMatchObject({ size: 10_000, overflow: { first: 40, count: 3 } })
  })

  it.each<[string, RegExp, (page: Buffer) => void]>([
    ['another number', /number of another/, (page) => page.writeBigUInt64LE(6n, 0)],
    ['a number beyond all bounds', /beyond all bounds/, (page) => page.writeUInt32LE(2 ** 30, 4)],
    ['a later commit', /commit that never was/, (page) => page.writeBigUInt64LE(10n, 8)],
    ['another kind', /another kind/, (page) => page.writeUInt16LE(PAGE_KIND.branch, 18)],
    ['half a place', /impossible bounds/, (page) => page.writeUInt16LE(3, 20)],
    ['places that run into nodes', /impossible bounds/, (page) => page.writeUInt16LE(480, 20)],
    ['an end behind it', /impossible bounds/, (page) => page.writeUInt16LE(SIZE, 22)],
    ['no node', /impossible bounds/, (page) => page.writeUInt16LE(0, 20)],
    ['a node before all', /outside of it/, (page) => page.writeUInt16LE(10, PAGE_HEAD)],
    ['a node behind it', /outside of it/, (page) => page.writeUInt16LE(SIZE - PAGE_HEAD - 4, PAGE_HEAD)],
    ['room that no node fills', /do not fill it/, (page) => page.writeUInt16LE(page.readUInt16LE(22) - 2, 22)],
    ['a node of another kind', /node of another kind/, (page) => page.writeUInt16LE(2, SIZE - 12 + 4)],
    ['a node that is longer', /longer than it/, (page) => page.writeUInt16LE(400, SIZE - 12)],
  ])('with %s is refused', (_, message, change) => {
    const failing = (): unknown => nodesOf(changed(change), leaf)
    expect(failing).toThrow(FileFault)
    expect(failing).toThrow(message)
  })
})
