const ENGLISH = /^[a-z]{3,}$/
const ANY_VOWEL = /[aeiouy]/
/** Consonant, vowel, consonant at the end (`hop`), or a vowel and a consonant that are the whole word (`at`). */
const SHORT_SYLLABLE = /(?:^|[^aeiouy])[aeiouy][^aeiouywxY]$|^[aeiouy][^aeiouy]$/

/** Returns where the region after the first vowel and consonant begins, which suffixes must not reach into. */
function regionAfter(word: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(word.slice(from))
  return match === null ? word.length : from + match.index + 2
}

function withoutPlural(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2)
  if (word.endsWith('ies')) return word.slice(0, word.length > 4 ? -2 : -1)
  if (/(?:us|ss)$/.test(word)) return word
  return /[aeiouy].+s$/.test(word) ? word.slice(0, -1) : word
}

function withoutTense(word: string): string {
  const ending = /(?:ingly|edly|ing|ed)$/.exec(word)
  if (ending === null || word.endsWith('eed')) return word
  const rest = word.slice(0, ending.index)
  if (!ANY_VOWEL.test(rest)) return word
  if (/(?:at|bl|iz)$/.test(rest)) return `${rest}e`
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(rest)) return rest.slice(0, -1)
  return SHORT_SYLLABLE.test(rest) && regionAfter(rest, 0) === rest.length ? `${rest}e` : rest
}

function withoutAdverb(word: string): string {
  return /[cdeghikmnrt]li$/.test(word) && word.length - 2 >= regionAfter(word, 0) ? word.slice(0, -2) : word
}

function withoutFinalE(word: string): string {
  if (!word.endsWith('e')) return word
  const rest = word.slice(0, -1)
  const first = regionAfter(word, 0)
  if (rest.length >= regionAfter(word, first)) return rest
  return rest.length >= first && !SHORT_SYLLABLE.test(rest) ? rest : word
}

/**
 * Reduces an English word to a stem that its plural, its tenses and its adverb share; other words pass unchanged.
 * Takes the inflectional steps of the Porter2 algorithm (snowballstem.org) and leaves derivation alone, so that
 * `organ` and `organisation` stay apart.
 *
 * @param word - lower case, at any length
 */
export function stem(word: string): string {
  if (!ENGLISH.test(word)) return word
  // A `y` that starts a syllable is a consonant; the capital keeps the vowel tests simple.
  const marked = word.replace(/^y/, 'Y').replace(/([aeiouy])y/g, '$1Y')
  const verb = withoutTense(withoutPlural(marked))
  const noun = verb.replace(/(.[^aeiouy])[yY]$/, '$1i')
  return withoutFinalE(withoutAdverb(noun)).toLowerCase()
}
