import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { createKernel, ramRecords, replay, type Agent } from '@aios/kernel'
import { readClone } from '../../../packages/kernel/src/journal/clone-reader.js'

const VIEWS: readonly ArrayBufferView[] = [
  new Uint8Array([1, 2, 3]),
  new Uint8ClampedArray([1, 2]),
  new Int16Array([-1, 2]),
  new Float64Array([1.5, Number.NaN]),
  new BigInt64Array([5n]),
  new DataView(new Uint8Array([7, 8, 9]).buffer),
  Buffer.from('some text'),
  new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  new Uint8Array(),
]

describe('a view of bytes that was stored', () => {
  it('comes back upon bytes of its own, of the class it had', () => {
    for (const view of VIEWS) {
      const bytes = serialize({ around: 'x', view })
      const [{ view: found }, { view: other }] = [readClone(bytes), readClone(bytes)] as [
        { readonly view: ArrayBufferView },
        { readonly view: ArrayBufferView },
      ]
      expect(found).toEqual(view.byteLength === view.buffer.byteLength ? view : found)
      expect(Object.prototype.toString.call(found)).toBe(Object.prototype.toString.call(view))
      expect(Buffer.isBuffer(found)).toBe(Buffer.isBuffer(view))
      expect([found.byteOffset, found.buffer.byteLength]).toEqual([0, view.byteLength])
      expect(found.buffer).not.toBe(other.buffer)
      expect(bytesOf(found)).toEqual(bytesOf(view))
    }
  })

  it('may be changed by the agent that gets it: the journal stays as it is', async () => {
    const records = ramRecords()
    const kernel = await createKernel({ records, journal: true })
    const turning: Agent<unknown, string> = async (sys) => {
      const bytes = await sys.random.bytes({ length: 8 })
      return Buffer.from(new Uint8Array(bytes.reverse().buffer)).toString('hex')
    }
    const value = await kernel.run(turning, 'x', { runId: 'r' })
    const journal = await kernel.readRun('r')
    for (let n = 0; n < 3; n += 1) expect(await replay(journal, turning)).toMatchObject({ value })
    await kernel.close()
  })

  it('is refused where it is none', () => {
    expect(() => readClone(Buffer.from('none'))).toThrow()
  })
})

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): readonly number[] {
  return [...new Uint8Array(buffer, byteOffset, byteLength)]
}
