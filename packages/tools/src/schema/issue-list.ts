import type { StandardSchemaV1 } from '@standard-schema/spec'
import { clip } from '../error/failure-text.js'
import { ISSUES_SHOWN, MESSAGE_CHARS } from '../limits.js'

/** Is one reason why a value does not match a schema, as plain data. */
export interface SchemaIssue {
  /** Where in the value, such as `items.0.price`; empty for the value itself. */
  readonly path: string
  /** What was expected there. */
  readonly message: string
}

function pathOf(issue: StandardSchemaV1.Issue): string {
  return Array.from(issue.path ?? [], (step) => String(typeof step === 'object' ? step.key : step)).join('.')
}

/** Turns the issues of any schema library into plain data, at most {@link ISSUES_SHOWN} of them. */
export function issueList(issues: readonly StandardSchemaV1.Issue[]): readonly SchemaIssue[] {
  return issues
    .slice(0, ISSUES_SHOWN)
    .map((issue) => ({ path: clip(pathOf(issue), MESSAGE_CHARS), message: clip(issue.message, MESSAGE_CHARS) }))
}

/** Writes issues as one line: `a: expected number; b.c: required (and 3 more)`. */
export function issuesText(issues: readonly StandardSchemaV1.Issue[]): string {
  const shown = issueList(issues).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  const rest = issues.length - shown.length
  return shown.join('; ') + (rest > 0 ? ` (and ${rest} more)` : '')
}
