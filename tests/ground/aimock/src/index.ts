/** Starts aimock, a stand-in for model providers that this project did not write, on loopback. */
import { LLMock } from '@copilotkit/aimock'
import type { Server } from 'node:http'

/** Is a running aimock. */
export interface Aimock {
  /** What it answers: `mock.on(match, response)`, and what it was asked: `mock.getRequests()`. */
  readonly mock: LLMock
  /** Root of its OpenAI-compatible API. */
  readonly baseURL: string
  /** Stops the server and drops its connections. Idempotent. */
  close(): Promise<void>
}

/** What `stop()` of the pinned version leaves running: open connections, and a timer that sweeps old videos. */
interface Leftovers {
  readonly serverInstance: { readonly server: Server; readonly videoStates: { destroy(): void } }
}

/** Starts aimock on a free port of 127.0.0.1. */
export async function startAimock(): Promise<Aimock> {
  const mock = new LLMock({ host: '127.0.0.1', port: 0, logLevel: 'silent' })
  await mock.start()
  const { server, videoStates } = (mock as unknown as Leftovers).serverInstance
  const stop = async () => {
    videoStates.destroy()
    server.closeAllConnections()
    await mock.stop()
  }
  let stopped: Promise<void> | undefined
  return { mock, baseURL: `${mock.url}/v1`, close: () => (stopped ??= stop()) }
}
