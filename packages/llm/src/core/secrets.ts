import { inspect } from 'node:util'

const SENSITIVE_HEADER = /auth|key|token|secret|cookie/i
/** A shorter "secret" only fills the field, and replacing it everywhere would garble messages. */
const MIN_CHARS = 6

/** Keeps what must never be printed out of texts and errors. */
export interface Secrets {
  redact(text: string): string
  /** Returns what was thrown, or a redacted stand-in if a secret shows anywhere in it. */
  withoutSecrets(error: unknown): unknown
}

/** Collects the secrets of a core: its keys, and what its headers with telling names say. */
export function secretsOf(
  apiKeys: readonly (string | undefined)[],
  headers: Readonly<Record<string, string>>,
): Secrets {
  const sensitive = Object.entries(headers).flatMap(([name, text]) => (SENSITIVE_HEADER.test(name) ? [text] : []))
  const known = [...new Set([...apiKeys, ...sensitive])].filter((secret) => secret !== undefined)
  // The longest first, in case one begins another.
  const secrets = known.filter((secret) => secret.length >= MIN_CHARS).sort((one, other) => other.length - one.length)
  const redact = (text: string): string =>
    secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '[redacted]'), text)
  return {
    redact,
    withoutSecrets(error) {
      const shown = inspect(error, { depth: null, maxStringLength: null, maxArrayLength: null, showHidden: true })
      if (redact(shown) === shown) return error
      if (!(error instanceof Error)) return redact(shown)
      // The SDK's error holds the provider's answer and headers, where some servers repeat the key.
      const standIn = new Error(redact(error.message))
      standIn.name = error.constructor.name
      standIn.stack = redact(error.stack ?? '')
      return standIn
    },
  }
}
