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
    meter.answered(old)
    expect([meter.waitMs(3, 1), meter.waitMs(4, 1)]).toEqual([0, 60_250])
    meter.report(said(1), fresh, 2)
    expect(meter.waitMs(2, 2)).toBeGreaterThan(0)
    meter.report(said(4), fresh, 3)
    expect(meter.waitMs(4, 3)).toBe(0)
    meter.report(said(9), undefined, 4)
    expect(meter.waitMs(5, 4)).toBeGreaterThan(0)
  })

  it('opens again without what was sent and not answered, which may count only then', () => {
    const meter = new ReportedMeter(said(10, 1_000), 0, 0)
    meter.take(4, 0)
    meter.take(3, 800)
    meter.take(2, 900)
    meter.answered(meter.taken)
    meter.take(1, 1_200)
    // Of what is not answered, 4 left so long ago that it arrived before; 3 and 1 may not have.
    expect(meter.waitMs(6, 1_249)).toBe(1)
    expect(meter.waitMs(6, 1_250)).toBe(0)
    expect(meter.waitMs(7, 1_250)).toBeGreaterThan(0)
  })

  it('knows that a call may have overtaken those before it', () => {
    const meter = new ReportedMeter(said(10, 60_000), 0, 0)
    meter.take(3, 0)
    const third = meter.taken
    meter.take(1, 10)
    const first = meter.taken
    meter.report(said(9), first, 100)
    expect([meter.waitMs(6, 100), meter.waitMs(7, 100)]).toEqual([0, 60_250])
    meter.answered(first)
    meter.report(said(6), third, 110)
    meter.answered(third)
    meter.take(5, 120)
    // Whatever was sent a second ago has arrived, answered or not.
    meter.take(1, 200)
    meter.report(said(4), meter.taken, 1_119)
    expect(meter.waitMs(1, 1_119)).toBeGreaterThan(0)
    meter.report(said(4), meter.taken, 1_120)
    expect([meter.waitMs(4, 1_120), meter.waitMs(5, 1_120)]).toEqual([0, 60_250])
  })

  it('waits no longer than what was sent takes to arrive if that may be all there is', () => {
    const meter = new ReportedMeter(said(10, 100), 12, 0)
    expect(meter.waitMs(1, 350)).toBe(1_000)
    expect(meter.waitMs(10, 1_349)).toBe(1)
    expect(meter.waitMs(10, 1_350)).toBe(0)
  })

  it('counts what was given back neither as used nor as on its way', () => {
    const meter = new ReportedMeter(said(10, 1_000), 0, 0)
    meter.take(6, 1_000)
    meter.giveBack(6, meter.taken, 1_000)
    expect(meter.waitMs(10, 1_000)).toBe(0)
    expect(meter.waitMs(10, 1_250)).toBe(0)
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
