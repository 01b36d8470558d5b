import { describe, expect, it } from 'vitest'
import { ReportedMeter } from '../../../packages/kernel/src/limiter/reported-meter.js'

const said = (left: number, resetMs?: number, limit: number | undefined = 10) => ({ left, limit, resetMs })

describe('ReportedMeter', () => {
  it('lets go what is left without what is on its way, and then nothing until it is back', () => {
    const meter = new ReportedMeter(said(5, 2_000), 3, 0)
    expect(meter.waitMs(2, 0)).toBe(0)
    expect(meter.waitMs(3, 0)).toBe(2_250)
    meter.take(2, 0)
    expect(meter.waitMs(1, 2_000)).toBe(250)
    expect(meter.waitMs(10, 2_250)).toBe(0)
  })

  it('takes a fresh word for what it is, and an old one for no more than it can mean', () => {
    const meter = new ReportedMeter(said(10, 60_000), 0, 0)
    meter.take(1, 0)
    const old = meter.taken
    meter.take(6, 0)
    const fresh = meter.taken
    meter.report(said(9), old, 1)
    expect([meter.waitMs(3, 1), meter.waitMs(4, 1)]).toEqual([0, 60_250])
    meter.report(said(1), fresh, 2)
    expect(meter.waitMs(2, 2)).toBeGreaterThan(0)
    meter.report(said(4), fresh, 3)
    expect(meter.waitMs(4, 3)).toBe(0)
    meter.report(said(9), undefined, 4)
    expect(meter.waitMs(5, 4)).toBeGreaterThan(0)
  })

  it('asks once a minute where it takes longer until anything is back', () => {
    const meter = new ReportedMeter(said(0, 80_000_000), 0, 0)
    expect(meter.waitMs(5, 0)).toBe(60_250)
    expect(meter.waitMs(5, 60_250)).toBe(0)
    meter.take(5, 60_250)
    expect(meter.waitMs(5, 60_250)).toBe(60_000)
  })

  it('lets go an amount above the limit when all is there', () => {
    const meter = new ReportedMeter(said(10, 1_000), 0, 0)
    expect(meter.waitMs(50, 0)).toBe(0)
    meter.take(50, 0)
    expect(meter.waitMs(1, 0)).toBe(1_250)
  })

  it('goes on without a limit or a time that was told', () => {
    const meter = new ReportedMeter({ left: 3, limit: undefined, resetMs: undefined }, 0, 0)
    meter.take(3, 0)
    expect(meter.waitMs(1, 0)).toBe(60_250)
    expect(meter.waitMs(3, 60_250)).toBe(0)
  })
})
