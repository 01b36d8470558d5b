/** Holds our structural types against the real ones: what is wrong here does not compile. */
import type {
  EmbeddingModelV2,
  EmbeddingModelV3,
  EmbeddingModelV4,
  LanguageModelV2,
  LanguageModelV2CallOptions,
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV4,
  LanguageModelV4CallOptions,
} from '@aios/ground-ai-sdk'
import type {
  AiSdkEmbeddingModel,
  AiSdkLanguageModel,
  KernelEmbeddingModel,
  KernelLanguageModel,
} from '@aios/llm/ai-sdk'
import { expectTypeOf, it } from 'vitest'
import type { CallOptions, EmbedCallOptions } from '../../../packages/llm/src/ai-sdk/from/call-options.js'

it('takes the real models of every specification', () => {
  expectTypeOf<LanguageModelV2>().toExtend<AiSdkLanguageModel>()
  expectTypeOf<LanguageModelV3>().toExtend<AiSdkLanguageModel>()
  expectTypeOf<LanguageModelV4>().toExtend<AiSdkLanguageModel>()
  expectTypeOf<EmbeddingModelV2<string>>().toExtend<AiSdkEmbeddingModel>()
  expectTypeOf<EmbeddingModelV3>().toExtend<AiSdkEmbeddingModel>()
  expectTypeOf<EmbeddingModelV4>().toExtend<AiSdkEmbeddingModel>()
})

it('makes models that the real types accept', () => {
  expectTypeOf<KernelLanguageModel<'v2'>>().toExtend<LanguageModelV2>()
  expectTypeOf<KernelLanguageModel<'v3'>>().toExtend<LanguageModelV3>()
  expectTypeOf<KernelLanguageModel<'v4'>>().toExtend<LanguageModelV4>()
  expectTypeOf<KernelEmbeddingModel<'v2'>>().toExtend<EmbeddingModelV2<string>>()
  expectTypeOf<KernelEmbeddingModel<'v3'>>().toExtend<EmbeddingModelV3>()
  expectTypeOf<KernelEmbeddingModel<'v4'>>().toExtend<EmbeddingModelV4>()
})

it('calls models with what the real types know', () => {
  type Known = Exclude<keyof CallOptions, 'reasoning'>
  expectTypeOf<Known>().toExtend<keyof LanguageModelV2CallOptions>()
  expectTypeOf<Known>().toExtend<keyof LanguageModelV3CallOptions>()
  expectTypeOf<keyof CallOptions>().toExtend<keyof LanguageModelV4CallOptions>()
  type Plain = Omit<CallOptions, 'prompt' | 'providerOptions' | 'tools' | 'responseFormat' | 'reasoning'>
  expectTypeOf<Plain>().toExtend<Omit<LanguageModelV2CallOptions, 'prompt'>>()
  expectTypeOf<Plain>().toExtend<Omit<LanguageModelV3CallOptions, 'prompt'>>()
  expectTypeOf<Plain & Pick<CallOptions, 'reasoning'>>().toExtend<Omit<LanguageModelV4CallOptions, 'prompt'>>()
  expectTypeOf<keyof EmbedCallOptions>().toExtend<keyof Parameters<EmbeddingModelV4['doEmbed']>[0]>()
})
