import { AiosError } from '@aios/kernel'
import { createKernel } from '../preset/create-kernel.js'
import { accountsText } from './accounts.js'
import { loadAgentModule } from './agent-module.js'
import { HELP, parseCommand } from './command.js'
import type { Command } from './command.js'
import { runJournalCommand } from './journal-commands.js'
import type { JournalPorts } from './journal-ports.js'
import { resultText } from './result-text.js'

/** Is what the program reaches outside with. */
export interface CliPorts extends JournalPorts {
  readonly version: string
  err(text: string): void
}

const FAILED = 1
const MISUSED = 2
const INTERRUPTED = 130

/** Runs the program `aios` and returns its exit code. Never rejects: a failure is printed and has its code. */
export async function runCli(args: readonly string[], ports: CliPorts): Promise<number> {
  const command = parseCommand(args)
  switch (command.type) {
    case 'help':
      ports.out(HELP)
      return 0
    case 'version':
      ports.out(`${ports.version}\n`)
      return 0
    case 'misuse':
      ports.err(`aios: ${command.message}\n`)
      return MISUSED
    default:
      try {
        if (command.type !== 'run') {
          const code = await runJournalCommand(command, ports)
          return code !== 0 && ports.signal.aborted ? INTERRUPTED : code
        }
        await runAgent(command, ports)
        return 0
      } catch (error) {
        ports.err(`aios: ${failureText(error)}\n`)
        return ports.signal.aborted ? INTERRUPTED : FAILED
      }
  }
}

async function runAgent({ file, input, ps }: Command & { type: 'run' }, ports: CliPorts): Promise<void> {
  const { agent, kernel: options, name } = await loadAgentModule(file, ports)
  const kernel = await createKernel(options)
  try {
    const result = await kernel.run(agent, input, { name, signal: ports.signal })
    ports.out(`${resultText(result)}\n`)
  } finally {
    if (ps) ports.err(accountsText(kernel))
    await kernel.close()
  }
}

/** Gives the code and message of our own errors, with what caused them; the stack of everyone else's. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!AiosError.is(error)) return error.stack ?? error.message
  const cause = error.cause === undefined ? '' : `\n  caused by ${failureText(error.cause).split('\n').join('\n  ')}`
  return `${error.code}: ${error.message}${cause}`
}
