import { expect, it } from 'vitest'
import type { Sys } from '@aios/kernel'
import { check, checkRejects, fakeDriverCall } from '@aios/kernel/testing'

it('makes a call that a driver can be tested with, and says what is missing where the driver makes calls itself', () => {
  const call = fakeDriverCall()
  expect(call).toMatchObject({ pid: 1, agent: 'test', namespace: 'test', key: undefined })
  expect(call.signal.aborted).toBe(false)
  expect(() => call.sys).toThrow('pass one to fakeDriverCall({ sys })')
  const sys = {} as Sys
  expect(fakeDriverCall({ sys }).sys).toBe(sys)
})

it('checks by itself, whatever the test runner: a condition, and a rejection of one code', async () => {
  expect(() => {
    check(false, 'not so')
  }).toThrow('not so')
  const error = Object.assign(new Error('gone'), { code: 'AIOS_NOT_FOUND' })
  expect(await checkRejects(Promise.reject(error), 'AIOS_NOT_FOUND')).toBe(error)
  await expect(checkRejects(Promise.reject(error), 'AIOS_CLOSED')).rejects.toThrow(
    'Expected code AIOS_CLOSED, got AIOS_NOT_FOUND',
  )
  await expect(checkRejects(Promise.reject('text'), 'AIOS_CLOSED')).rejects.toThrow('got text')
  await expect(checkRejects(Promise.resolve(1), 'AIOS_CLOSED')).rejects.toThrow('got a result')
})
