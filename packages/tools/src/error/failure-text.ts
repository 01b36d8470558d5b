import { MESSAGE_CHARS } from '../limits.js'
import { describe } from './describe.js'

/** Returns a text of bounded length; a cut is marked. */
export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`
}

/** Says what was thrown, whatever it is, in bounded length. */
export function failureText(thrown: unknown): string {
  return clip(thrown instanceof Error && thrown.message !== '' ? thrown.message : describe(thrown), MESSAGE_CHARS)
}
