import { OpenCount } from '@aios/kernel/driver'
import { describe, expect, it } from 'vitest'

const CLOSED = { code: 'AIOS_CLOSED' }

/** Counts openings, each of which waits until it is let go. */
function counted(failures: readonly unknown[] = []) {
  const steps: string[] = []
  const left = [...failures]
  const openers = new OpenCount({
    id: 'test',
    async open() {
      steps.push('opens')
      await Promise.resolve()
      const failure = left.shift()
      if (failure !== undefined) throw failure as Error
      steps.push('open')
    },
    async close() {
      steps.push('closes')
      await Promise.resolve()
      steps.push('closed')
    },
  })
  return { openers, steps }
}

describe('an open count', () => {
  it('opens once for all that open together, and closes with the last', async () => {
    const { openers, steps } = counted()
    await Promise.all([openers.open(), openers.open()])
    await openers.close()
    expect([openers.isOpen, steps]).toEqual([true, ['opens', 'open']])
    await openers.close()
    expect([openers.isOpen, steps]).toEqual([false, ['opens', 'open', 'closes', 'closed']])
  })

  it('is closed for all methods as soon as the last close is called', async () => {
    const { openers } = counted()
    await openers.open()
    const closing = openers.close()
    expect(() => openers.check()).toThrow(expect.objectContaining(CLOSED) as Error)
    await closing
  })

  it('is open at once where nothing is to be done', () => {
    const openers = new OpenCount({ id: 'test' })
    void openers.open()
    expect(openers.isOpen).toBe(true)
  })

  it('opens and closes one after the other, however they are called', async () => {
    const { openers, steps } = counted()
    await Promise.all([openers.open(), openers.close(), openers.open(), openers.close(), openers.close()])
    expect(steps).toEqual(['opens', 'open', 'closes', 'closed', 'opens', 'open', 'closes', 'closed'])
  })

  it('counts an opening that failed for nothing, and the next one tries again', async () => {
    const failure = new Error('no disk')
    const { openers, steps } = counted([failure])
    const results = await Promise.allSettled([openers.open(), openers.close(), openers.open()])
    expect(results).toMatchObject([{ reason: failure }, { status: 'fulfilled' }, { status: 'fulfilled' }])
    expect(steps).toEqual(['opens', 'opens', 'open'])
    await openers.close()
    expect(openers.isOpen).toBe(false)
  })

  it('is closed after a close that failed, and tells why', async () => {
    const failure = new Error('lost')
    const openers = new OpenCount({ id: 'test', close: () => Promise.reject(failure) })
    await openers.open()
    await expect(openers.close()).rejects.toBe(failure)
    expect(openers.isOpen).toBe(false)
    await openers.close()
  })

  it('knows one opening from the next', async () => {
    const { openers } = counted()
    await openers.open()
    const opening = openers.check()
    expect(openers.check(opening)).toBe(opening)
    await openers.close()
    await openers.open()
    expect(() => openers.check(opening)).toThrow('Expected the record store "test" to be open')
    await openers.close()
  })
})
