import { clock } from '@aios/tools'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openTools, rejection } from '../open-tools.js'

const NOON = Date.UTC(2030, 0, 31, 12, 0, 5)

it('tells the time of the kernel in UTC unless asked otherwise', async () => {
  const { call, clock: time } = openTools([clock()], NOON)
  expect(await call('clock')).toEqual({
    utc: '2030-01-31T12:00:05.000Z',
    epochMs: NOON,
    timeZone: 'UTC',
    local: '2030-01-31T12:00:05+00:00',
    weekday: 'Thursday',
  })
  await time.advance(1_500.9)
  expect(await call('clock')).toMatchObject({ utc: '2030-01-31T12:00:06.500Z', epochMs: NOON + 1_500 })
})

it.each([
  ['Europe/Berlin', '2030-01-31T13:00:05+01:00', 'Thursday'],
  ['Asia/Kathmandu', '2030-01-31T17:45:05+05:45', 'Thursday'],
  ['Pacific/Kiritimati', '2030-02-01T02:00:05+14:00', 'Friday'],
  ['America/St_Johns', '2030-01-31T08:30:05-03:30', 'Thursday'],
])('tells it in %s', async (timeZone, local, weekday) => {
  const { call } = openTools([clock()], NOON)
  expect(await call('clock', { timeZone })).toMatchObject({ timeZone, local, weekday })
})

it('follows summer time', async () => {
  const { call } = openTools([clock()], Date.UTC(2030, 6, 1))
  expect(await call('clock', { timeZone: 'Europe/Berlin' })).toMatchObject({ local: '2030-07-01T02:00:00+02:00' })
})

it('writes a local time that means the same moment', async () => {
  const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'America/New_York', 'Australia/Adelaide')
  const moment = fc.integer({ min: 0, max: Date.UTC(2199, 0) / 1_000 })
  await fc.assert(
    fc.asyncProperty(zone, moment, async (timeZone, seconds) => {
      const { call } = openTools([clock()], seconds * 1_000)
      const { local } = (await call('clock', { timeZone })) as { local: string }
      expect(Date.parse(local)).toBe(seconds * 1_000)
    }),
    { numRuns: 50 },
  )
})

it.each([['Mars/Olympus'], [''], [3]])('refuses the time zone %o before anything runs', async (timeZone) => {
  const error = await rejection(openTools([clock()]).call('clock', { timeZone }))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT', details: { issues: [{ path: 'timeZone' }] } })
})
