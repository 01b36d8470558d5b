import { tools } from '@aios/tools'
import { toolConformance } from '@aios/tools/testing'
import { describe, it } from 'vitest'

describe('the tool driver', () => {
  for (const { name, run } of toolConformance((list) => tools(list))) it(name, run)
})
