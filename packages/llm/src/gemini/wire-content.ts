/** Is one part of a content, as Gemini's API has it; fields that this library does not know are kept. */
export type WirePart = Readonly<Record<string, unknown>>

/** Is one turn of a conversation. */
export interface WireContent {
  readonly role: 'user' | 'model'
  readonly parts: readonly WirePart[]
}

/** Is the body of `generateContent`, as Gemini's API reference has it. */
export interface WireBody {
  readonly contents: readonly WireContent[]
  readonly systemInstruction?: { readonly parts: readonly WirePart[] }
  readonly tools?: readonly WirePart[]
  readonly toolConfig?: Readonly<Record<string, unknown>>
  readonly generationConfig?: Readonly<Record<string, unknown>>
}
