/** A Redis of our own for tests: on a socket in a temporary folder, with its data in it; stopped by its process id. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createClient } from 'redis'

/** Any client of the package `redis`. */
export type Client = ReturnType<typeof createClient>

/** Is a running Redis. */
export class RedisServer {
  readonly #settings: readonly string[]
  readonly folder: string
  #child: ChildProcess | undefined = undefined

  private constructor(folder: string, settings: readonly string[]) {
    this.folder = folder
    this.#settings = settings
  }

  /** Starts one that keeps a log of its writes; `settings` are arguments of `redis-server`. */
  static async start(...settings: readonly string[]): Promise<RedisServer> {
    const server = new RedisServer(await mkdtemp(join(tmpdir(), 'aios-redis-')), settings)
    await server.start()
    return server
  }

  get socket(): string {
    return join(this.folder, 'redis.sock')
  }

  /** Makes a client that is not connected. */
  client(options: Parameters<typeof createClient>[0] = {}): Client {
    const client = createClient({ ...options, socket: { path: this.socket, tls: false } })
    client.on('error', () => undefined)
    return client
  }

  /** Lends a connected client. */
  async with<R>(use: (client: Client) => Promise<R>): Promise<R> {
    const client = await this.client().connect()
    try {
      return await use(client)
    } finally {
      client.destroy()
    }
  }

  /** Starts it, or starts it again on the same data, and waits until it answers. */
  async start(): Promise<void> {
    const logged = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
    const place = ['--port', '0', '--unixsocket', this.socket, '--dir', this.folder, '--daemonize', 'no']
    await rm(this.socket, { force: true })
    const child = spawn(programPath(), [...place, ...logged, ...this.#settings], { stdio: 'ignore' })
    this.#child = child
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`redis-server ended with ${String(code)} before it answered`)
    })
    const ready = (async () => {
      while (!(await this.#answers())) await new Promise((resolve) => setImmediate(resolve))
    })()
    ended.catch(() => undefined)
    await Promise.race([ready, ended])
  }

  /** Kills it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Stops it in its tracks: it keeps its connections and answers nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  /** Cuts the connections of all stores each time that another `writes` were made, until it is stopped. */
  cutting(writes: number): { stop(): Promise<number> } {
    let isOn = true
    const done = this.with(async (client) => {
      let cuts = 0
      for (let cutAt = writes; isOn;) {
        const made = Number(await client.hGet('aios:{records}:meta', 'facts'))
        if (made < cutAt) continue
        await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
        cuts += 1
        cutAt = made + writes
      }
      return cuts
    })
    return {
      stop() {
        isOn = false
        return done
      },
    }
  }

  /** Ends it and takes its data away. */
  async close(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    if (!existsSync(this.socket)) return false
    const client = createClient({ socket: { path: this.socket, tls: false, reconnectStrategy: false } })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return (await client.ping()) === 'PONG'
    } catch {
      return false
    } finally {
      client.destroy()
    }
  }
}

function programPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const path = folders.map((folder) => join(folder, 'redis-server')).find((candidate) => existsSync(candidate))
  if (path !== undefined) return path
  throw new Error('These tests need the program redis-server. Install it, such as by: apt-get install redis-server')
}
