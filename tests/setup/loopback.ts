/** Lets tests connect to this machine only: whoever dials out learns it at once, with the address. */
import net from 'node:net'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/i

interface Target {
  readonly path?: string
  readonly host?: string
  readonly port?: number | string
}

/** `net` hands `connect` either its arguments or one array of them, already normalised. */
function targetOf(args: readonly unknown[]): Target {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first }
  return { port: Number(first), ...(typeof second === 'string' ? { host: second } : {}) }
}

// The prototype is the one place every client passes, whatever library it stands on.
const connect = net.Socket.prototype.connect as (...args: unknown[]) => net.Socket

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  const { path, host = 'localhost', port } = targetOf(args)
  if (path === undefined && !LOOPBACK.test(host)) {
    throw new Error(`No network in tests: tried to connect to ${host}:${port}. Serve it on 127.0.0.1.`)
  }
  return connect.apply(this, args)
}
