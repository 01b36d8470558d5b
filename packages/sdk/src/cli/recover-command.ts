import type { AgentProcess, Kernel } from '@aios/kernel'
import { loadAgentsModule } from './agents-module.js'
import { EXIT, type JournalCommand, type JournalPorts } from './journal-ports.js'
import { liveKernel } from './live-kernel.js'
import { oneLine } from './one-line.js'
import { resultText } from './result-text.js'
import { textTable } from './text-table.js'
import { errorData, errorText, jsonText } from './value-text.js'

/** Characters of an id, of a name, and of what a run came to. */
const WIDTH = { id: 200, name: 40, result: 80 } as const

/** Is what became of an unfinished run. */
interface Taken {
  readonly runId: string
  readonly name: string
  /** `left`: the program was interrupted first, so it is still unfinished. */
  readonly outcome: 'done' | 'failed' | 'left' | 'no-agent' | 'unreadable'
  readonly value?: unknown
  readonly error?: unknown
}

/** Takes up what was left unfinished, waits for it, tells what it came to, and returns the exit code. */
export async function recover(
  { agents, json }: JournalCommand & { readonly type: 'recover' },
  directory: string,
  ports: JournalPorts,
): Promise<number> {
  const module = await loadAgentsModule(agents, ports)
  const { kernel } = await liveKernel(directory, module, ports)
  try {
    const { processes, unrecovered } = await kernel.recover({ agents: module.agents })
    const taken = [
      ...(await outcomes(kernel, processes, ports.signal)),
      ...unrecovered.map(({ runId, name, why, message }): Taken => ({ runId, name, outcome: why, error: message })),
    ]
    ports.out(json ? takenJson(taken) : takenText(taken))
    return taken.every(({ outcome }) => outcome === 'done') ? EXIT.done : EXIT.failed
  } finally {
    await kernel.close()
  }
}

/** Waits for runs. Whoever interrupts does not end them: the kernel closes, and the next one can take them up. */
async function outcomes(
  kernel: Kernel,
  processes: readonly AgentProcess[],
  signal: AbortSignal,
): Promise<readonly Taken[]> {
  const stop = (): void => {
    void kernel.close()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  const results = await Promise.allSettled(processes.map(({ result }) => result))
  signal.removeEventListener('abort', stop)
  return processes.map(({ runId, name }, index): Taken => {
    const result = results[index]
    if (result?.status === 'fulfilled') return { runId, name, outcome: 'done', value: result.value }
    return { runId, name, outcome: signal.aborted ? 'left' : 'failed', error: result?.reason as unknown }
  })
}

function takenText(taken: readonly Taken[]): string {
  if (taken.length === 0) return 'Nothing to recover.\n'
  const rows = taken.map(({ runId, name, outcome, value, error }) => {
    const result = outcome === 'done' ? resultText(value) : errorText(error)
    return [oneLine(runId, WIDTH.id), oneLine(name, WIDTH.name), outcome, oneLine(result, WIDTH.result)]
  })
  return textTable(['RUN', 'AGENT', 'OUTCOME', 'RESULT'], rows)
}

function takenJson(taken: readonly Taken[]): string {
  const plain = taken.map(({ error, ...rest }) => (error === undefined ? rest : { ...rest, error: errorData(error) }))
  return `${jsonText(plain, 2)}\n`
}
