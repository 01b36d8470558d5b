import { describe, expect, it } from 'vitest'
import { checkDriver, limitsProblem } from '../../../packages/kernel/src/driver/driver-options.js'
import { heldCore, heldMemory, heldStorage, heldTools } from '../fake-drivers.js'

type Kind = Parameters<typeof checkDriver>[1]

function problemOf(driver: unknown, kind: Kind): string | undefined {
  try {
    checkDriver(driver, kind)
    return undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    return (error as Error).message
  }
}

const without = (driver: object, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(driver).filter(([name]) => !names.includes(name)))

describe('a driver', () => {
  it('passes when it is all its kind asks for', () => {
    const drivers = { llm: heldCore(), memory: heldMemory(), storage: heldStorage(), tool: heldTools() }
    expect(Object.entries(drivers).map(([kind, driver]) => problemOf(driver, kind as Kind))).toEqual(
      Array(4).fill(undefined),
    )
  })

  it('may be of a class: its methods need not be its own', () => {
    class Core {
      readonly kind = 'llm'
      readonly id = 'a'
      readonly model = 'm'
      chat(): void {}
    }
    expect(problemOf(new Core(), 'llm')).toBeUndefined()
  })

  it.each<[unknown, Kind, string]>([
    [null, 'memory', 'Expected a memory driver for "memory", got null.'],
    ['x', 'memory', 'Expected a memory driver for "memory", got "x".'],
    [heldCore(), 'memory', 'Expected a driver of kind "memory" for "memory", got "llm".'],
    [{ ...heldMemory(), id: '' }, 'memory', 'Expected a name for "memory driver id", got "".'],
    [without(heldMemory(), 'id'), 'memory', 'Expected a name for "memory driver id", got undefined.'],
    [without(heldMemory(), 'retrieve'), 'memory', 'Expected the memory driver "held" to have a method retrieve.'],
    [without(heldStorage(), 'stat'), 'storage', 'Expected the storage driver "held" to have a method stat.'],
    [without(heldTools(), 'prepare'), 'tool', 'Expected the tool driver "held" to have a method prepare.'],
    [without(heldCore(), 'model'), 'llm', 'Expected the name of a model for "llm driver main, model", got undefined.'],
    [
      without(heldCore(), 'chat'),
      'llm',
      "Expected the llm driver \"main\" to have a method chat, stream, embed or discover, or a row batches['llm.chat'] or batches['llm.embed'].",
    ],
    [
      { ...heldCore(), backend: '' },
      'llm',
      'Expected a string that is not empty for "llm driver main.backend", got "".',
    ],
    [
      { ...heldCore(), capabilities: { tools: 'yes' } },
      'llm',
      'Expected true or false for "llm driver main.capabilities.tools", got "yes".',
    ],
    [
      heldMemory({ limits: { concurency: 3 } as never }),
      'memory',
      'Expected only the keys concurrency, depth in "memory driver held, limits", got "concurency".',
    ],
  ])('says what is missing, number %#', (driver, kind, problem) => {
    expect(problemOf(driver, kind)).toBe(problem)
  })

  it('needs a price that can be counted with, if it has one', () => {
    const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 0 }
    expect(problemOf(heldCore({ price }), 'llm')).toBeUndefined()
    for (const wrong of [
      { inputUsdPerMTok: 1 },
      { ...price, inputUsdPerMTok: -1 },
      { ...price, outputUsdPerMTok: '2' },
    ]) {
      expect(problemOf(heldCore({ price: wrong as never }), 'llm')).toMatch(/llm driver main, price/)
    }
  })
})

describe('the limits of a device', () => {
  it('are whole numbers, of slots at least one, or slots without end', () => {
    const fine = [undefined, {}, { concurrency: 1 }, { concurrency: Infinity, depth: 0 }, { depth: 5 }]
    expect(fine.map((limits) => limitsProblem(limits, 'limits'))).toEqual(Array(5).fill(undefined))
  })

  it.each<[object, string]>([
    [{ concurrency: 0 }, 'Expected a whole number from 1, or Infinity for "limits.concurrency", got 0.'],
    [{ concurrency: 1.5 }, 'Expected a whole number from 1, or Infinity for "limits.concurrency", got 1.5.'],
    [{ concurrency: '4' }, 'Expected a whole number from 1, or Infinity for "limits.concurrency", got "4".'],
    [{ depth: -1 }, 'Expected a whole number from 0 for "limits.depth", got -1.'],
    [{ depth: Infinity }, 'Expected a whole number from 0 for "limits.depth", got Infinity.'],
  ])('are not %j', (limits, problem) => {
    expect(limitsProblem(limits, 'limits')).toBe(problem)
  })
})
