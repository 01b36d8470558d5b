import { decodeRecords, encodeRecords, importRecords, type ExportedRecord, type RecordWrite } from '@aios/kernel/driver'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../setup/runs.js'

const CORRUPT = { code: 'AIOS_CORRUPT' }
const named = (space: string, key: number[], value?: number[]): ExportedRecord => ({
  space,
  key: Uint8Array.from(key),
  value: value && Uint8Array.from(value),
})

const textOf = ({ space, key, value }: ExportedRecord): string =>
  `${space} ${Buffer.from(key).toString('hex')} ${value === undefined ? 'corrupt' : Buffer.from(value).toString('base64')}`

async function encoded(records: Iterable<ExportedRecord>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of encodeRecords(records)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function decoded(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<ExportedRecord[]> {
  const records: ExportedRecord[] = []
  for await (const { space, key, value } of decodeRecords(chunks))
    records.push({ space, key: new Uint8Array(key), value: value && new Uint8Array(value) })
  return records
}

describe('an export', () => {
  it('has exactly these bytes: what is stored today is read for ever', async () => {
    const bytes = await encoded([named('a/b', [1, 2], [3]), named('c', [255])])
    expect(bytes.toString('hex').match(/.{1,64}/g)).toMatchInlineSnapshot(`
      [
        "41494f535245430a00000001ec33c59401030002000000019e4978ac612f6201",
        "02037bb60bd70201000100000000329c587a63ffaa2815790300000000000000",
        "8d0154ff00000000000000010000000000000001ca39db5f",
      ]
    `)
  })

  it('is read as it was written, however it is cut', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 })
    const record = fc.record<ExportedRecord>({
      space: fc.constantFrom('a', 'a/b', 'z'.repeat(64)),
      key: bytes,
      value: fc.oneof(bytes, fc.constant(undefined), fc.constant(new Uint8Array(70_000).fill(1))),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 12 }), fc.integer({ min: 1, max: 90 }), async (records, size) => {
        const whole = await encoded(records)
        const step = Math.max(size, whole.byteLength >> 8)
        const chunks = Array.from({ length: Math.ceil(whole.byteLength / step) }, (_, at) =>
          whole.subarray(at * step, (at + 1) * step),
        )
        const got = await decoded([new Uint8Array(0), ...chunks])
        expect(got.map(textOf)).toEqual(records.map(textOf))
      }),
      { numRuns: runs(60, 5_000) },
    )
  })

  it('is refused with any bit flipped and cut at any byte', async () => {
    const whole = await encoded([named('a/b', [1, 2], [3, 4]), named('c', [255]), named('c', [254], [])])
    for (let bit = 0; bit < whole.byteLength * 8; bit += 1) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      await expect(decoded([flipped])).rejects.toMatchObject(CORRUPT)
    }
    for (let end = 0; end < whole.byteLength; end += 1)
      await expect(decoded([whole.subarray(0, end)])).rejects.toMatchObject(CORRUPT)
  })

  it('is refused when a frame was taken out, doubled or swapped', async () => {
    const [one, other] = [named('a', [1], [1]), named('a', [2], [2])]
    const whole = await encoded([one, other])
    const frame = 12 + 1 + 1 + 1 + 4
    const [header, first, second, end] = [
      whole.subarray(0, 16),
      whole.subarray(16, 16 + frame),
      whole.subarray(16 + frame, 16 + 2 * frame),
      whole.subarray(16 + 2 * frame),
    ]
    expect(await decoded([header, first, second, end])).toEqual([one, other])
    for (const parts of [[first], [second], [second, first], [first, first, second], []])
      await expect(decoded([header, ...parts, end])).rejects.toMatchObject(CORRUPT)
  })

  it('says what it is where that is known: foreign, or in part', async () => {
    await expect(decoded([Buffer.from('PK zip')])).rejects.toThrow('bytes that no record store exported')
    await expect(decoded([Buffer.from('AIOS')])).rejects.toThrow('its bytes only in part')
  })

  it('gives its source back when the reader leaves, and when it is damaged', async () => {
    const whole = await encoded([named('a', [1], [1])])
    let returned = 0
    async function* source(bytes: Uint8Array) {
      try {
        yield bytes
        yield Uint8Array.of(1)
      } finally {
        returned += 1
      }
    }
    for await (const record of decodeRecords(source(whole))) if (record.space === 'a') break
    await expect(decoded(source(whole))).rejects.toMatchObject(CORRUPT)
    await expect(decoded(source(Buffer.alloc(50)))).rejects.toMatchObject(CORRUPT)
    expect(returned).toBe(3)
  })

  it('is imported in batches of a bounded size, without what was corrupt, and a record that comes twice is put twice', async () => {
    const batches: (readonly RecordWrite[])[] = []
    const small = Array.from({ length: 1_500 }, (_, at) => named('a', [at >> 8, at & 255], [1]))
    const large = Array.from({ length: 3 }, (_, at) => named('b', [at], Array<number>(3_000_000).fill(at)))
    const whole = await encoded([...small, named('a', [9]), ...large, named('b', [1], [1]), named('b', [1], [2])])
    const count = await importRecords([whole], async (writes) => void batches.push(writes))
    expect(count).toBe(1_505)
    expect(batches.map((writes) => writes.length)).toEqual([1_000, 502, 2, 1])
  })
})
