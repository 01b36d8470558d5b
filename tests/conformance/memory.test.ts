import { embeddedMemory } from '@aios/memory'
import { memoryConformance } from '@aios/memory/testing'
import { describe, it } from 'vitest'

describe('embeddedMemory keeps the contract of a memory driver', () => {
  for (const { name, run } of memoryConformance(() => embeddedMemory(), { reopens: true })) it(name, run)
})
