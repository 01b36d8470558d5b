import { embeddedMemory } from '@aios/memory'
import type { DriverServices } from '@aios/kernel/driver'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'

const call = fakeDriverCall()
/** Has a store of its own each time. */
const services = (): DriverServices => fakeDriverServices(virtualClock())
const closed = expect.objectContaining({ code: 'AIOS_CLOSED', message: expect.stringContaining('memory "embedded"') })

describe('embeddedMemory', () => {
  it('is a memory device called embedded that leaves its limits to the kernel', () => {
    const driver = embeddedMemory()
    expect([driver.kind, driver.id, 'limits' in driver]).toEqual(['memory', 'embedded', false])
  })

  it('hands its limits to the kernel as they are', () => {
    const limits = { concurrency: 3, depth: 9 }
    expect(embeddedMemory({ limits }).limits).toBe(limits)
  })

  it('refuses options that it does not know when it is made, not when it is used', () => {
    expect(() => embeddedMemory({ dimensions: 3 } as never)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
  })

  it('rejects every call before open and after close', async () => {
    const driver = embeddedMemory()
    const calls = [
      () => driver.add({ namespace: 'one', content: 'x' }, call),
      () => driver.get({ namespace: 'one', id: 'n1' }, call),
      () => driver.update({ namespace: 'one', id: 'n1' }, call),
      () => driver.remove({ namespace: 'one', id: 'n1' }, call),
      () => driver.retrieve({ namespace: 'one', query: 'x' }, call),
    ]
    for (const each of calls) expect(each).toThrow(closed)
    await driver.open?.(services())
    await driver.close?.()
    for (const each of calls) expect(each).toThrow(closed)
  })

  it('refuses to serve two kernels at once', async () => {
    const driver = embeddedMemory()
    await driver.open?.(services())
    await expect(driver.open?.(services())).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await driver.close?.()
  })

  it('starts empty when it is opened again on another store', async () => {
    const driver = embeddedMemory()
    await driver.open?.(services())
    await driver.add({ namespace: 'one', content: 'from the first life' }, call)
    await driver.close?.()
    await driver.open?.(services())
    expect(await driver.retrieve({ namespace: 'one', query: 'life' }, call)).toEqual([])
    await driver.close?.()
  })

  it('shares nothing with another device', async () => {
    const [one, other] = [embeddedMemory(), embeddedMemory()]
    await one.open?.(services())
    await other.open?.(services())
    const { id } = await one.add({ namespace: 'one', content: 'mine' }, call)
    await expect(other.get({ namespace: 'one', id }, call)).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
    await one.close?.()
    await other.close?.()
  })

  it('reads at once, and nothing of a call but its key', async () => {
    const driver = embeddedMemory()
    await driver.open?.(services())
    const untouched = new Proxy(call, {
      get: (_target, key) => {
        if (key === 'key') return undefined
        throw new Error(`The driver read ${String(key)} of the call.`)
      },
    })
    const added = await driver.add({ namespace: 'one', content: 'x' }, untouched)
    expect(driver.get({ namespace: 'one', id: 'n1' }, untouched)).toBe(added)
    expect(driver.retrieve({ namespace: 'one', query: 'x' }, untouched)).toHaveLength(1)
    await driver.close?.()
  })

  it('finds the fact among 5,000 notes by a question in other word forms', async () => {
    const driver = embeddedMemory()
    await driver.open?.(services())
    for (let at = 0; at < 5_000; at += 1) {
      await driver.add(
        { namespace: 'one', content: `Invoice ${at} was paid by customer ${at % 97} on day ${at % 31}.` },
        call,
      )
      if (at === 2_500) await driver.add({ namespace: 'one', content: 'Maria keeps two retired racing pigeons.' }, call)
    }
    const [best] = await driver.retrieve({ namespace: 'one', query: "How many of Maria's pigeons raced?" }, call)
    expect(best?.content).toContain('two retired racing pigeons')
    await driver.close?.()
  })
})
