import { AiosError } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import dns from 'node:dns'
import { Agent } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import {
  isLoopback,
  targetOfConnect,
  targetOfFetch,
  targetOfOptions,
  type ConnectionTarget,
} from './connection-target.js'
import { patch, unpatch, type AnyFunction, type PatchOwner, type PatchPlace } from './patch.js'

/** Is what `forbidNetwork` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface NetworkOptions {
  /** Hosts that may be reached all the same: names, addresses, or expressions for them. Default: none. */
  readonly allow?: readonly (string | RegExp)[] | undefined
  /** Whether this machine may be reached. Default true. */
  readonly loopback?: boolean | undefined
}

/** Is a ban on the network that is in force. */
export interface NetworkGuard extends Disposable {
  /** The hosts that were reached for and refused, in order, also where the error was swallowed. */
  readonly refused: readonly string[]
  /** Lifts this ban. Idempotent; bans may be lifted in any order. */
  restore(): void
}

const OPTIONS = option.object({
  allow: option.optional(
    option.array(
      option.union(
        'a string or a RegExp',
        option.name,
        option.custom('', (value) => value instanceof RegExp),
      ),
    ),
  ),
  loopback: option.optional(option.boolean),
})

/** The functions of `dns` that ask somebody; all take the name or address first. */
const QUERIES = [
  'lookup',
  'lookupService',
  'reverse',
  'resolve',
  'resolve4',
  'resolve6',
  'resolveAny',
  'resolveCaa',
  'resolveCname',
  'resolveMx',
  'resolveNaptr',
  'resolveNs',
  'resolvePtr',
  'resolveSoa',
  'resolveSrv',
  'resolveTxt',
] as const

/** Lets a socket fail as one that cannot connect: a little later, since its maker is not done with it. */
function refused(socket: Socket, error: Error): Socket {
  Object.assign(socket, { connecting: true })
  process.nextTick(() => {
    socket.destroy(error)
  })
  return socket
}

class Ban implements NetworkGuard, PatchOwner {
  isActive = true
  readonly refused: string[] = []
  readonly #options: NetworkOptions
  readonly #places: PatchPlace[] = []

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#guardSockets()
    this.#guardFetch()
    for (const target of [dns, dns.Resolver.prototype])
      this.#guardQueries(target, (query, error) => {
        const callback = query.at(-1)
        if (typeof callback !== 'function') throw error
        process.nextTick(callback, error)
      })
    for (const target of [dns.promises, dns.promises.Resolver.prototype])
      this.#guardQueries(target, (_, error) => Promise.reject(error))
    // Names imported from a module of Node are copies, which this brings up to date.
    syncBuiltinESMExports()
  }

  restore(): void {
    if (!this.isActive) return
    this.isActive = false
    for (const place of this.#places) unpatch(place)
    syncBuiltinESMExports()
  }

  [Symbol.dispose](): void {
    this.restore()
  }

  /** Every client comes by a socket, whatever it is made of; those of `http` may have one from before. */
  #guardSockets(): void {
    const refusal = (target: ConnectionTarget): AiosError | undefined => this.#refusal(target)
    this.#patch({ target: Socket.prototype, key: 'connect' }, (previous) => {
      return function (this: unknown, ...args) {
        const error = refusal(targetOfConnect(args))
        return error === undefined ? previous.apply(this, args) : refused(this as Socket, error)
      }
    })
    this.#patch({ target: Agent.prototype, key: 'addRequest' }, (previous) => {
      return function (this: unknown, ...args) {
        const [request, options] = args as [{ onSocket(socket: undefined, error: Error): void }, object]
        const error = refusal(targetOfOptions(options, true))
        if (error === undefined) return previous.apply(this, args)
        request.onSocket(undefined, error)
        return undefined
      }
    })
  }

  #guardFetch(): void {
    this.#patch({ target: globalThis, key: 'fetch' }, (previous) => {
      const refusal = (input: unknown): AiosError | undefined =>
        this.#refusal(targetOfFetch(input) ?? { host: undefined })
      return function (this: unknown, ...args) {
        const error = refusal(args[0])
        return error === undefined ? previous.apply(this, args) : Promise.reject(error)
      }
    })
  }

  #guardQueries(target: object, refuse: (query: readonly unknown[], error: AiosError) => unknown): void {
    const refusal = (host: unknown): AiosError | undefined =>
      this.#refusal({ host: typeof host === 'string' ? host : undefined })
    for (const key of QUERIES.filter((name) => name in target))
      this.#patch({ target, key }, (previous) => {
        return function (this: unknown, ...args) {
          const error = refusal(args[0])
          return error === undefined ? previous.apply(this, args) : refuse(args, error)
        }
      })
  }

  #patch(place: PatchPlace, make: (previous: AnyFunction) => AnyFunction): void {
    this.#places.push(place)
    patch(place, this, make)
  }

  #refusal({ host, port }: ConnectionTarget): AiosError | undefined {
    if (!this.isActive || host === undefined || host === '' || this.#isAllowed(host)) return undefined
    this.refused.push(host)
    const where = port === undefined ? host : `${host}:${port}`
    return new AiosError(
      'AIOS_NETWORK_FORBIDDEN',
      `Expected no network in this test, got a connection to ${where}. Answer from a mock or a cassette, or allow the host: forbidNetwork({ allow: ['${host}'] }).`,
      { details: { host, ...(port === undefined ? {} : { port: Number(port) }) } },
    )
  }

  #isAllowed(host: string): boolean {
    const { allow = [], loopback = true } = this.#options
    if (loopback && isLoopback(host)) return true
    return allow.some((each) =>
      typeof each === 'string' ? each.toLowerCase() === host.toLowerCase() : host.search(each) !== -1,
    )
  }
}

/**
 * Forbids the network to the whole process until it is restored: what reaches for a host fails with `AIOS_NETWORK_FORBIDDEN`, which
 * names it, through `fetch`, `http`, `https`, `http2`, `net`, `tls`, `dns` and clients made of them, such as undici. A core that was
 * meant to be a mock is found out at once: its calls reject with that error, and are not tried again.
 *
 * This machine may be reached unless `loopback` is false, and sockets of the file system always. Bans nest: a host must be allowed by
 * every one in force. Connections that were open before go on, where a client other than Node's own `fetch` and `http` keeps them.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option
 * @example
 * ```ts
 * import { forbidNetwork } from '@aios/llm/testing'
 * import { afterAll, beforeAll } from 'vitest'
 *
 * let guard: ReturnType<typeof forbidNetwork>
 * beforeAll(() => {
 *   guard = forbidNetwork()
 * })
 * afterAll(() => guard.restore())
 * ```
 */
export function forbidNetwork(options: NetworkOptions = {}): NetworkGuard {
  checkOptions('forbidNetwork()', options, OPTIONS)
  return new Ban(options)
}
