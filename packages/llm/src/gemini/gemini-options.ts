import { option, type OptionField } from '@aios/kernel/driver'
import type { CoreOptions } from '../core/core-options.js'
import { USE, type CoreUse } from '../core/core-use.js'
import type { EndpointDefaults } from '../core/endpoint.js'

/** Is what every core for Gemini's API takes after the model. */
export interface GeminiOptions extends CoreOptions {
  /**
   * Default: the environment's `GEMINI_API_KEY`, else `GOOGLE_API_KEY`, read when the kernel opens the core. Only Google's
   * own hosts insist on one.
   */
  readonly apiKey?: string | undefined
  /**
   * Root of the API, without its version, such as `http://localhost:8080`. Default: `GOOGLE_GEMINI_BASE_URL`, else
   * `https://generativelanguage.googleapis.com`.
   */
  readonly baseURL?: string | undefined
  /** Version of the API, the part of the address after `baseURL`. Default `v1beta`. */
  readonly apiVersion?: string | undefined
  /** Whether the model answers, makes vectors, or both. Default `embed` for names such as `gemini-embedding-001`, else `chat`. */
  readonly use?: CoreUse | undefined
}

/** Is the version of the API where no option says otherwise. */
export const API_VERSION = 'v1beta'

/** Holds the checks of the options that only cores for Gemini's API have. */
export const GEMINI_FIELDS: Readonly<Record<string, OptionField>> = {
  apiVersion: option.optional(
    option.custom('a version such as v1beta', (value) => typeof value === 'string' && /^[\w.-]+$/.test(value)),
  ),
  use: USE,
}

const EMBEDS = /^(?:models\/)?(?:gemini-|text-)?embedding-/

/** Tells what a model is for, by the options or else by its name. */
export function useOf(model: string, { use }: Pick<GeminiOptions, 'use'>): CoreUse {
  return use ?? (EMBEDS.test(model) ? 'embed' : 'chat')
}

/** Tells whether a host is Google's own. */
export function isGoogleHost(host: string): boolean {
  return host === 'googleapis.com' || host.endsWith('.googleapis.com')
}

/** Says where Gemini's API is, and what its variables are called. */
export function geminiDefaults(call: string): EndpointDefaults {
  return {
    call,
    url: 'https://generativelanguage.googleapis.com',
    urlVariable: 'GOOGLE_GEMINI_BASE_URL',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    needsKey: isGoogleHost,
  }
}
