/** Stands between a client and a server on a socket, and can stop passing on what goes over the connections it has. */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Is a running proxy. */
export class DeafProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly path: string

  private constructor(path: string, target: string) {
    this.path = path
    this.#server = createServer((near) => {
      const far = createConnection({ path: target })
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('close', () => this.#sockets.delete(socket))
      }
      near.pipe(far).pipe(near)
    })
  }

  static async start(path: string, target: string): Promise<DeafProxy> {
    const proxy = new DeafProxy(path, target)
    proxy.#server.listen(path)
    await once(proxy.#server, 'listening')
    return proxy
  }

  /** Passes nothing more on over the connections that there are; later ones work. */
  deafen(): void {
    for (const socket of this.#sockets) socket.unpipe().pause()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
