import type { LogOption, Logger } from './logger.js'

const SECRET_NAME = /key|token|secret|password|authorization|cookie|credential/i
/** Forms of API keys: by their prefix, those of Google, Hugging Face, GitHub, xAI and AWS, web tokens, and what is sent as a bearer. */
const SECRET_FORMS = [
  /\b(?:sk|pk|rk|gsk|ghp|xox[a-z])[-_][\w-]{8,}/,
  /\bAIza[\w-]{35,}/,
  /\bhf_[A-Za-z0-9]{20,}/,
  /\b(?:gh[ours]_|github_pat_)\w{20,}/,
  /\bxai-[A-Za-z0-9]{20,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/,
  /\bBearer\s+\S+/,
]
const SECRET_VALUE = new RegExp(SECRET_FORMS.map(({ source }) => source).join('|'), 'g')
const HIDDEN = '[redacted]'

/** Replaces what looks like a secret, by its name or by its form, in the fields of a log line. */
export function redact(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET_NAME.test(name) ? HIDDEN : redactValue(value)]),
  )
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value)
  if (value instanceof Error) return redactText(value.message)
  if (Array.isArray(value)) return value.map(redactValue)
  if (typeof value === 'object' && value !== null) return redact(value as Readonly<Record<string, unknown>>)
  return value
}

/** Replaces what has the form of a secret in a text. */
export function redactText(text: string): string {
  return text.replace(SECRET_VALUE, HIDDEN)
}

const quiet = (): void => undefined
const SILENT: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }

/** Makes the logger that an option means; whatever it writes is redacted first. */
export function createLogger(option: LogOption): Logger {
  if (option === 'silent') return SILENT
  const target: Logger = option === 'console' ? console : option
  const at =
    (level: keyof Logger) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      target[level](redactText(message), redact(fields))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
