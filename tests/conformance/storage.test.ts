import { embeddedStorage } from '@aios/storage'
import { storageConformance, storageRootConformance } from '@aios/storage/testing'
import { describe, it } from 'vitest'

describe('embeddedStorage keeps the contract of a storage driver', () => {
  for (const { name, run } of storageConformance(() => embeddedStorage())) it(name, run)
})

describe('embeddedStorage keeps the contract of a storage driver over a real directory', () => {
  for (const { name, run } of storageRootConformance((root) => embeddedStorage({ root }))) it(name, run)
})
