/** The two cores for Gemini's API, for tests that hold of both. */
import type { LlmDriver } from '@aios/kernel'
import { google, type GoogleOptions } from '@aios/llm/google'
import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
import type { LlmGround } from '@aios/llm/testing'
import { providerGround } from '../core/provider-ground.js'
import { playScenario } from './generated.js'

export const KEY = 'AIza-secret-1234567890'

type Options = Omit<GoogleOptions, 'fetch'>

/** The address of a provider as these cores take it: they add the version themselves. */
export const rootOf = ({ baseURL }: { readonly baseURL: string }): string => new URL(baseURL).origin

export const CORES: readonly (readonly [name: string, core: (model: string, options?: Options) => LlmDriver])[] = [
  ['google()', google],
  ['googleGenerativeAi()', googleGenerativeAi],
]

/** A core in front of our own provider. */
export const geminiGround = (core: (typeof CORES)[number][1]): LlmGround =>
  providerGround(playScenario, (baseURL) => core('gemini-2.5-flash', { baseURL: rootOf({ baseURL }), apiKey: KEY }))
