import { expect, it } from 'vitest'
import { recordFailure } from '../../../packages/kernel/src/record/record-failure.js'

const messageOf = (key: Uint8Array): string => recordFailure.corrupt({ space: 's', key }).message

it('shows a key as text where it is text, else in hexadecimal digits, and never more than a line of it', () => {
  expect(messageOf(Buffer.from('run 7'))).toContain('record "run 7" in')
  expect(messageOf(Buffer.from('x'.repeat(65)))).toContain(`record "${'x'.repeat(64)}…" in`)
  expect(messageOf(Buffer.from([0, 255]))).toContain('record "00ff" in')
  expect(messageOf(Buffer.alloc(33))).toContain(`record "${'00'.repeat(32)}…" in`)
})

it('tells what was wanted from what is there, and keeps the cause', () => {
  const conflict = recordFailure.conflict({ space: 's', key: Buffer.from('k') }, 0, 5)
  expect(conflict).toMatchObject({ code: 'AIOS_VERSION_CONFLICT', details: { wanted: 0, found: 5 } })
  expect(conflict.message).toContain('Expected no version of record "k" in space "s", got version 5')
  const cause = new Error('checksum')
  expect(recordFailure.corrupt({ space: 's', key: Buffer.from('k'), cause }).cause).toBe(cause)
})
