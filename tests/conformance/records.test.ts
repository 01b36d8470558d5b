import { ramRecords } from '@aios/kernel'
import { recordConformance } from '@aios/kernel/testing'
import { describe, it } from 'vitest'
import { runs } from '../setup/runs.js'

describe('ramRecords keeps the contract of a record store', () => {
  const operations = runs(2_000, 100_000)
  // One object is both openers: that it may be opened twice is part of the contract.
  const again = { reopen: ramRecordsAgain, another: ramRecordsAgain }
  for (const { name, run } of recordConformance({ make: ramRecords, ...again, operations })) it(name, run)
})

function ramRecordsAgain<S>(store: S): S {
  return store
}
