import { AiosError, type AiosErrorOptions, type ErrorCode } from '@aios/kernel/driver'

interface Meaning {
  readonly code: ErrorCode
  readonly text: string
  readonly retryable?: boolean
}

const LATER = 'Try again later.'

/** Says what a word of Redis's error replies means to a caller. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  OOM: {
    code: 'AIOS_QUOTA_EXCEEDED',
    text: 'the memory of Redis is full. Raise its "maxmemory", or remove records.',
  },
  WRONGTYPE: {
    code: 'AIOS_CORRUPT',
    text: 'a key of the store holds what this library did not write; it was left as it is. Use another "prefix", or take it away.',
  },
  READONLY: {
    code: 'AIOS_STORE_UNAVAILABLE',
    text: 'this Redis is a replica, which takes no writes. Connect to the primary.',
  },
  MISCONF: {
    code: 'AIOS_STORE_UNAVAILABLE',
    text: 'Redis cannot write to its disk. Look at its log and its disk.',
  },
  LOADING: { code: 'AIOS_STORE_UNAVAILABLE', text: `Redis is still loading its data. ${LATER}` },
  BUSY: { code: 'AIOS_STORE_UNAVAILABLE', text: `Redis runs a script that takes long. ${LATER}` },
  MASTERDOWN: { code: 'AIOS_STORE_UNAVAILABLE', text: `this replica has lost its primary. ${LATER}` },
  CLUSTERDOWN: { code: 'AIOS_STORE_UNAVAILABLE', text: `the cluster is down. ${LATER}` },
  NOREPLICAS: { code: 'AIOS_STORE_UNAVAILABLE', text: `too few replicas are reachable. ${LATER}` },
  NOAUTH: refusal('Redis wants a password. Give the client "username" and "password".'),
  WRONGPASS: refusal('Redis does not take this user and password. Correct those of the client.'),
  NOPERM: refusal('this user of Redis may not do what the store needs. The guide lists what that is.'),
  NOPROTO: refusal('this server is too old. The store needs Redis 6.2 or newer.'),
  MOVED: refusal(
    'another node of the cluster has this key. Connect to that node, or choose a "prefix" with a hash tag.',
  ),
  CROSSSLOT: refusal('the keys of the store are in several slots of the cluster. Choose a "prefix" without braces.'),
}

function refusal(text: string): Meaning {
  return { code: 'AIOS_STORE_UNAVAILABLE', text, retryable: false }
}

// A script's error wraps that of the command in it; which of them stands first depends on the version of Redis.
const WORDS = new RegExp(`(?<![A-Za-z])(${Object.keys(MEANINGS).join('|')})(?![A-Za-z])`)

/** Tells an answer of Redis that is an error from a failure on the way to it: they begin with a word in capitals. */
export function isErrorReply(error: unknown): boolean {
  return error instanceof Error && /^-?[A-Z][A-Z0-9]+ /.test(error.message)
}

/** Tells whether Redis answered that it does not know a script. */
export function isMissingScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

/** Tells whether Redis does not let this user, or nobody, send such a command: forbidden, unknown, or renamed away. */
export function isForbidden(error: unknown): boolean {
  const reply = AiosError.is(error) ? error.cause : error
  return reply instanceof Error && /^(NOPERM|ERR unknown)/i.test(reply.message)
}

/**
 * Translates what Redis, or the way to it, failed with.
 *
 * @param where - what was asked, such as `record store "redis"`
 */
export function redisFailure(where: string, error: unknown): AiosError {
  if (AiosError.is(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  const word = isErrorReply(error) ? wordOf(text) : undefined
  if (word === undefined) return unavailable(where, `Redis failed: ${text}.`, { cause: error })
  const { code, text: meaning, retryable } = MEANINGS[word]!
  const isFull = word === 'MISCONF' && text.includes('No space left')
  return isFull
    ? new AiosError('AIOS_QUOTA_EXCEEDED', `The ${where} cannot do this: the disk of Redis is full.`, { cause: error })
    : new AiosError(code, `The ${where} cannot do this: ${meaning}`, { cause: error, retryable })
}

/** Finds the word that says what is wrong; a script of a user who may not run a command in it has none. */
function wordOf(text: string): string | undefined {
  return text.includes('user executing the script') ? 'NOPERM' : WORDS.exec(text)?.[1]
}

/** Says that the store cannot be reached or used. */
export function unavailable(where: string, text: string, options: AiosErrorOptions = {}): AiosError {
  return new AiosError('AIOS_STORE_UNAVAILABLE', `The ${where} cannot do this: ${text}`, options)
}
