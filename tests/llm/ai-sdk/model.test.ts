import { fromAiSdk } from '@aios/llm/ai-sdk'
import { expect, it } from 'vitest'

it.each([
  ['openai/gpt-5', /"openai\/gpt-5"/],
  [undefined, /undefined/],
  [{ specificationVersion: 'v1', provider: 'p', modelId: 'm' }, /specificationVersion "v1"/],
  [{ specificationVersion: 'v3', provider: 'p', modelId: 'm', doRerank: () => undefined }, /another kind/],
  [() => undefined, /a provider itself/],
])('says what came instead of a model: %o', (model, message) => {
  expect(() => fromAiSdk(model as never)).toThrow(
    expect.objectContaining({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringMatching(message) as unknown,
    }) as Error,
  )
})
