import type { Condition } from '../grammar/condition.js'

/** Writes a number with its noun: `1 line`, `3 lines`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** Says how many files were left out because they hold no text; '' for none. */
export function skippedNote(skipped: number): string {
  if (skipped === 0) return ''
  return ` (${counted(skipped, 'file')} could not be read as text and ${skipped === 1 ? 'was' : 'were'} left out.)`
}

/** Says a condition in words that follow a number of lines. */
export function conditionText({ kind, text, negated, wholeWord }: Condition, count: number): string {
  const isOne = count === 1
  if (kind === 'empty') return `${isOne ? 'is' : 'are'} ${negated ? 'not ' : ''}empty`
  const verb = { has: 'contain', starts: 'start', ends: 'end' }[kind]
  const said = negated ? `${isOne ? 'does' : 'do'} not ${verb}` : `${verb}${isOne ? 's' : ''}`
  return `${said}${kind === 'has' ? '' : ' with'} ${wholeWord ? 'the word ' : ''}"${text}"`
}
