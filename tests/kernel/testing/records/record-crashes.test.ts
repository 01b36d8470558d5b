import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { recordCrashes, type RecordCrashesOptions } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../setup/runs.js'
import { NODE_ARGUMENTS } from '../../../setup/node-arguments.js'

const SECONDS = 120_000

function logged(fault: string, more: Partial<RecordCrashesOptions> = {}): RecordCrashesOptions {
  return {
    module: new URL('logged-records.ts', import.meta.url),
    argument: async () => `${fault} ${join(await mkdtemp(join(tmpdir(), 'aios-crashes-')), 'log')}`,
    discard: (argument) => rm(dirname(argument.split(' ')[1] ?? ''), { recursive: true, force: true }),
    execArgv: [...NODE_ARGUMENTS],
    ...more,
  }
}

describe('the crash suite', () => {
  for (const { name, run } of recordCrashes(logged('right', { kills: runs(2, 20) })))
    it(name, run, runs(1, 10) * SECONDS)

  it.each([
    ['late', /acknowledged, got it lost|counter/],
    ['torn', /torn/],
    ['unordered', /a beginning of what opener/],
    ['forgetful', /to stay removed/],
  ])(
    'turns a store away that is %s',
    async (fault, message) => {
      const [killed] = recordCrashes(logged(fault, { kills: 5 }))
      await expect(killed?.run()).rejects.toThrow(message)
    },
    SECONDS,
  )

  it(
    'turns a store away that two processes do not share',
    async () => {
      const linear = recordCrashes(logged('right', { openers: 2, operations: 20 })).at(-1)
      await expect(linear?.run()).rejects.toThrow('an update was lost')
    },
    SECONDS,
  )

  it(
    'says so when a child fails by itself',
    async () => {
      const [broken] = recordCrashes(
        logged('right', { argument: () => 'right /no/such/folder/log', discard: () => undefined }),
      )
      await expect(broken?.run()).rejects.toThrow(/process 0 of life 0 .*ENOENT/s)
    },
    SECONDS,
  )

  it('refuses unknown options', () => {
    expect(() => recordCrashes({ ...logged('right'), kill: 3 } as never)).toThrow('got "kill" in recordCrashes()')
    expect(() => recordCrashes(logged('right', { openers: 3 }))).toThrow('from 1 to 2 for "openers"')
  })
})
