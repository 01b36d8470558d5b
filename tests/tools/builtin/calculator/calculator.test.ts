import { calculator } from '@aios/tools'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTools, rejection } from '../../open-tools.js'

const { call, driver } = openTools([calculator()])
const compute = (expression: unknown) => call('calculator', { expression })

it('is the tool builtin/calculator and tells models what it can do', () => {
  const [info] = driver.list()
  expect(info).toMatchObject({
    name: 'builtin/calculator',
    source: 'builtin',
    inputSchema: { required: ['expression'] },
  })
  for (const word of ['+ - * /', 'sum(', 'avg(', 'min(', 'max(', 'abs(', 'round(', 'floor(', 'ceil(']) {
    expect(info?.description).toContain(word)
  }
})

it.each([
  ['0.1 + 0.2', '0.3'],
  ['1e3 * 1.005', '1005'],
  ['2^100', '1267650600228229401496703205376'],
  ['sum(1.1, 2.2, 3.3) / 3', '2.2'],
  ['avg(1, 2, 3, 4)', '2.5'],
  ['min(3, -1, 2) + max(3, -1, 2)', '2'],
  ['abs(-7.5)', '7.5'],
  ['round(2.5) + round(-2.5)', '0'],
  ['round(1234.5678, 2)', '1234.57'],
  ['round(1250, -2)', '1300'],
  ['floor(-1.2)', '-2'],
  ['ceil(-1.2)', '-1'],
  ['-7 % 3', '-1'],
  ['7.5 % 2', '1.5'],
  ['0 ^ 0', '1'],
])('computes %s exactly', async (expression, result) => {
  expect(await compute(expression)).toEqual({ result })
})

it('returns a fraction and its approximation where no decimal is exact', async () => {
  expect(await compute('2 / 3')).toEqual({ result: '2/3', approximation: '0.666666666666666666666666666667' })
})

it.each([[''], ['2 +'], ['x'.repeat(1_001)], [7], [undefined]])(
  'refuses the expression %o as input',
  async (expression) => {
    const error = await rejection(compute(expression))
    expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT', details: { issues: [{ path: 'expression' }] } })
  },
)

it.each([
  ['1 / (2 - 2)', 'other than 0 for the "/" at character 3'],
  ['1 % 0', 'other than 0 for the "%"'],
  ['0 ^ -1', 'other than 0 for the "^"'],
  ['2 ^ 0.5', 'whole exponent'],
  ['9 ^ 9 ^ 9', 'whole exponent'],
  ['10 ^ 500', 'at most 500 digits'],
  ['round(1, 0.5)', 'whole number of decimal places'],
  ['round(1, 501)', 'whole number of decimal places'],
])('fails on %s and says why', async (expression, words) => {
  const error = await rejection(compute(expression))
  expect(error).toMatchObject({ code: 'AIOS_TOOL_FAILED', cause: { code: 'AIOS_INVALID_TOOL_INPUT' } })
  expect(error.message).toContain(words)
})

describe('against another way to compute', () => {
  /** An unreduced fraction: the oracle never divides, and shares no code with the calculator. */
  type Fraction = readonly [bigint, bigint]
  interface Case {
    readonly text: string
    readonly value: Fraction | undefined
  }
  const floorOf = ([n, d]: Fraction): bigint => (n - (((n % d) + d) % d)) / d
  const positive = ([n, d]: Fraction): Fraction => (d < 0n ? [-n, -d] : [n, d])
  const size = ([n, d]: Fraction): Fraction => [n < 0n ? -n : n, d]
  const halfUp = (x: Fraction): Fraction => {
    const [n, d] = size(x)
    const rounded = floorOf([2n * n + d, 2n * d])
    return [x[0] < 0n ? -rounded : rounded, 1n]
  }
  const less = ([a, b]: Fraction, [c, d]: Fraction): boolean => a * d < c * b
  const add = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d]
  const binary: Readonly<Record<string, (x: Fraction, y: Fraction) => Fraction | undefined>> = {
    '+': add,
    '-': (x, [c, d]) => add(x, [-c, d]),
    '*': ([a, b], [c, d]) => [a * c, b * d],
    '/': ([a, b], [c, d]) => (c === 0n ? undefined : positive([a * d, b * c])),
    '%': ([a, b], [c, d]) => (c === 0n ? undefined : [(a * d) % (c * b), b * d]),
  }
  const unary: Readonly<Record<string, (x: Fraction) => Fraction>> = {
    '-': ([n, d]) => [-n, d],
    abs: size,
    floor: (x) => [floorOf(x), 1n],
    ceil: ([n, d]) => [-floorOf([-n, d]), 1n],
    round: halfUp,
  }
  const many: Readonly<Record<string, (all: readonly Fraction[]) => Fraction>> = {
    sum: (all) => all.reduce(add),
    avg: (all) => {
      const [n, d] = all.reduce(add)
      return [n, d * BigInt(all.length)]
    },
    min: (all) => all.reduce((best, one) => (less(one, best) ? one : best)),
    max: (all) => all.reduce((best, one) => (less(best, one) ? one : best)),
  }
  const lift = <T>(values: readonly (T | undefined)[]): readonly T[] | undefined =>
    values.some((value) => value === undefined) ? undefined : (values as readonly T[])

  const leaf = fc
    .tuple(fc.integer({ min: 0, max: 999 }), fc.integer({ min: 0, max: 3 }))
    .map(([digits, places]): Case => {
      const padded = String(digits).padStart(places + 1, '0')
      const split = padded.length - places
      const text = places === 0 ? padded : `${padded.slice(0, split)}.${padded.slice(split)}`
      return { text, value: [BigInt(digits), 10n ** BigInt(places)] }
    })
  const { node } = fc.letrec<{ node: Case }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      leaf,
      fc
        .tuple(tie('node'), fc.constantFrom(...Object.keys(binary)), tie('node'))
        .map(([left, operator, right]): Case => {
          const values = lift([left.value, right.value])
          return {
            text: `(${left.text}) ${operator} (${right.text})`,
            value: values && binary[operator]?.(values[0]!, values[1]!),
          }
        }),
      fc.tuple(fc.constantFrom(...Object.keys(unary)), tie('node')).map(([name, of]): Case => ({
        text: `${name}(${of.text})`,
        value: of.value && unary[name]?.(of.value),
      })),
      fc
        .tuple(fc.constantFrom(...Object.keys(many)), fc.array(tie('node'), { minLength: 1, maxLength: 3 }))
        .map(([name, all]): Case => {
          const values = lift(all.map(({ value }) => value))
          return { text: `${name}(${all.map(({ text }) => text).join(', ')})`, value: values && many[name]?.(values) }
        }),
    ),
  }))

  function fractionOf(result: string): Fraction {
    if (result.includes('/')) {
      const [n = '', d = ''] = result.split('/')
      return [BigInt(n), BigInt(d)]
    }
    const [whole = '', fraction = ''] = result.split('.')
    return [BigInt(whole + fraction), 10n ** BigInt(fraction.length)]
  }

  it('gets the same number, or fails exactly where something is divided by zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        node.filter(({ text }) => text.length <= 1_000),
        async ({ text, value }) => {
          if (value === undefined) {
            expect(await rejection(compute(text))).toMatchObject({ code: 'AIOS_TOOL_FAILED' })
            return
          }
          const { result } = (await compute(text)) as { result: string }
          const [n, d] = fractionOf(result)
          expect(n * value[1]).toBe(value[0] * d)
        },
      ),
      { numRuns: 500 },
    )
  })
})
