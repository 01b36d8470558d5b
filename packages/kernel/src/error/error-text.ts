import { describe } from './describe.js'

/**
 * Says what was thrown as text, as `String` does; never throws. Anything may be thrown: an object that no method can print, an error
 * whose message throws when it is read, a proxy that refuses everything.
 */
export function errorText(error: unknown): string {
  try {
    return String(error)
  } catch {
    return described(error)
  }
}

function described(error: unknown): string {
  try {
    return `${describe(error)} that cannot be printed`
  } catch {
    return `${typeof error === 'object' ? 'an' : 'a'} ${typeof error} that cannot be read`
  }
}
