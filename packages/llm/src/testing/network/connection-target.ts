/** Is what a connection is to. */
export interface ConnectionTarget {
  /** Name or address of the host; undefined for a socket of the file system. */
  readonly host: string | undefined
  readonly port?: number | string | undefined
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|::1|::|0\.0\.0\.0|::ffff:127(\.\d{1,3}){3})$/i

/** Tells whether a host is this machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Takes the brackets off an address of version 6, as URLs write it. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

interface ConnectOptions {
  readonly path?: unknown
  readonly socketPath?: unknown
  readonly host?: unknown
  readonly hostname?: unknown
  readonly port?: unknown
}

/** Reads options of `net`, `tls` or `http`. */
export function targetOfOptions(
  { path, socketPath, host, hostname, port }: ConnectOptions,
  isHttp: boolean,
): ConnectionTarget {
  if (typeof (isHttp ? socketPath : path) === 'string') return { host: undefined }
  const named = typeof host === 'string' && host !== '' ? host : hostname
  return {
    host: typeof named === 'string' && named !== '' ? bareHost(named) : 'localhost',
    ...(typeof port === 'number' || typeof port === 'string' ? { port } : {}),
  }
}

/** Reads the arguments of a socket's `connect`, which `net` hands over as they came or as one normalised array. */
export function targetOfConnect(args: readonly unknown[]): ConnectionTarget {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as readonly unknown[]) : args
  if (typeof first === 'object' && first !== null) return targetOfOptions(first, false)
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { host: undefined }
  return { host: typeof second === 'string' ? bareHost(second) : 'localhost', port: Number(first) }
}

/** Reads the first argument of `fetch`; undefined for what goes to no host, or is none. */
export function targetOfFetch(input: unknown): ConnectionTarget | undefined {
  const address = typeof input === 'object' && input !== null && 'url' in input ? input.url : input
  const url = URL.parse(String(address))
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  return { host: bareHost(url.hostname), ...(url.port === '' ? {} : { port: url.port }) }
}
