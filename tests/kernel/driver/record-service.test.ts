import { createKernel, ramRecords, type RecordStore } from '@aios/kernel'
import { createTestKernel, fakeDriverServices, recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory } from '../fake-drivers.js'

/** Is a store that tells when it is opened and closed. */
function plain(steps: string[]): RecordStore {
  const store = ramRecords()
  const open = async () => {
    steps.push('records open')
    await store.open()
  }
  const close = async () => {
    steps.push('records close')
    await store.close()
  }
  const { get, getMany, range, put, remove, batch, watch, size, compact } = store
  const more = { get, getMany, range, put, remove, batch, watch, size, compact }
  return { id: 'plain', durability: 'none', open, close, ...more, export: store.export, import: store.import }
}

describe('the record store of a kernel', () => {
  it('is open before its devices are, and closed after them', async () => {
    const steps: string[] = []
    const memory = {
      ...heldMemory(),
      open: () => void steps.push('memory open'),
      close: () => void steps.push('memory close'),
    }
    const kernel = await createKernel({ memory, records: plain(steps) })
    await kernel.close()
    expect(steps).toEqual(['records open', 'memory open', 'memory close', 'records close'])
  })

  it('keeps the kernel from starting if it does not open, and then no device is opened', async () => {
    const error = new Error('no disk')
    const steps: string[] = []
    const memory = { ...heldMemory(), open: () => void steps.push('memory open') }
    const records = { ...plain(steps), open: () => Promise.reject(error) }
    await expect(createKernel({ memory, records })).rejects.toBe(error)
    expect(steps).toEqual([])
  })

  it('is closed again if a device does not open', async () => {
    const steps: string[] = []
    const error = new Error('no device')
    const memory = { ...heldMemory(), open: () => Promise.reject(error) }
    await expect(createKernel({ memory, records: plain(steps) })).rejects.toBe(error)
    expect(steps).toEqual(['records open', 'records close'])
  })

  it('is reported, and holds up nothing, if it does not close', async () => {
    const failing = await createTestKernel({
      records: { ...plain([]), close: () => Promise.reject(new Error('lost')) },
    })
    const told = recordEvents(failing)
    await failing.close()
    expect(told.of('driver:failed')).toMatchObject([{ device: 'records', message: 'Error: lost' }])
    const hanging = await createTestKernel({ records: { ...plain([]), close: () => new Promise(() => undefined) } })
    const events = recordEvents(hanging)
    const closing = hanging.close()
    await hanging.clock.runAll()
    await closing
    expect(events.of('driver:failed')).toMatchObject([
      { message: expect.stringContaining('within 10000 ms') as string },
    ])
  })

  it('must be one', async () => {
    await expect(createKernel({ records: {} as never })).rejects.toThrow('Expected a record store such as ramRecords()')
  })

  it('is one in RAM for a driver that is opened without a kernel', async () => {
    const { records } = fakeDriverServices()
    await records.put('a', Uint8Array.of(1), Uint8Array.of(2))
    expect((await records.size()).records).toBe(1)
  })
})
