import { AiosError, checkOptions, describeValue, option, type Durability } from '@aios/kernel/driver'
import { DEFAULT_TIMEOUT_MS } from './limits.js'

/**
 * Is what the store needs of a client of the package `redis`: whatever `createClient()` returns has it, of version 5 or 6 and
 * with any options. It is a pattern for connections of the store's own; nothing is sent on it.
 */
export interface RedisClient {
  /** Settings, which the store's own connections get too. */
  readonly options?: { readonly socket?: object } | undefined
  /** Makes another client with the same settings but for those given. */
  duplicate(overrides?: object): unknown
}

/** Is what `redisRecords` takes besides the client. Unknown keys are rejected. */
export interface RedisRecordsOptions {
  /** Names the store in messages. Default `redis`. */
  readonly id?: string | undefined
  /**
   * Begins the names of all keys of the store; two stores with different prefixes do not see each other. 1 to 200 characters,
   * default `aios:`. On a cluster all keys are in one slot; braces in a prefix choose another.
   */
  readonly prefix?: string | undefined
  /**
   * States what acknowledged writes survive, and that Redis is not to be asked. Default: `power` where its settings
   * say `appendonly yes` and `appendfsync always`, else `process`, also where they may not be read.
   */
  readonly durability?: Durability | undefined
  /**
   * Milliseconds without any answer from Redis, for want of a connection or otherwise, after which all calls that wait are
   * rejected; a call that carries much has 1 ms longer for each 16 KiB. From 1, default 5,000.
   */
  readonly timeoutMs?: number | undefined
}

/** Is {@link RedisRecordsOptions} with its defaults. */
export interface RedisRecordsSettings {
  readonly id: string
  readonly prefix: string
  readonly durability: Durability | undefined
  readonly timeoutMs: number
}

const OPTIONS = option.object({
  id: option.optional(option.name),
  prefix: option.optional(
    option.custom(
      'a string of 1 to 200 characters',
      (value) => typeof value === 'string' && value.length >= 1 && value.length <= 200,
    ),
  ),
  durability: option.optional(option.oneOf('none', 'process', 'power')),
  timeoutMs: option.optional(option.integer(1, 2_147_483_647)),
})

/**
 * Checks what `redisRecords` was given.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function redisRecordsSettings(client: RedisClient, options: RedisRecordsOptions): RedisRecordsSettings {
  checkOptions('redisRecords()', options, OPTIONS)
  const got: unknown = client
  const isClient = typeof got === 'object' && got !== null && 'isReady' in got && 'duplicate' in got
  if (!isClient) {
    const wanted = 'a client that createClient() of the package "redis" (^5 or ^6) made'
    throw new AiosError('AIOS_INVALID_OPTION', `Expected ${wanted}, got ${describeValue(got)} in redisRecords().`)
  }
  const { id = 'redis', prefix = 'aios:', durability, timeoutMs = DEFAULT_TIMEOUT_MS } = options
  return { id, prefix, durability, timeoutMs }
}
