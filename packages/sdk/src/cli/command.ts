import { parseArgs } from 'node:util'

/** Is what the command line asks for; `misuse` says what was expected, what came and what to do. */
export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly file: string; readonly input: string; readonly ps: boolean }
  | { readonly type: 'misuse'; readonly message: string }

/** Is what `aios --help` prints. */
export const HELP = `Usage:
  aios run <file> [input]   run the agent that a module exports
  aios --help               show this text
  aios --version            show the version

The default export of the file is an agent, or { agent, kernel } with options for
createKernel of @aios/sdk. The agent gets the input as a string, '' if there is none;
what it returns goes to standard output, as JSON unless it is a string.
TypeScript needs tsx installed next to the file, or a Node that loads it by itself (22.18 and newer).

Options of run:
  --ps   print the process table and the accounting to standard error

Without "llm" in the options, the model comes from the environment:
  OPENAI_API_KEY, OPENAI_MODEL (gpt-5-mini), or OLLAMA_HOST, OLLAMA_MODEL (llama3.2).

Exit code: 0 done, 1 the agent or its module failed, 2 wrong usage, 130 interrupted.
`

const SEE_HELP = 'See "aios --help".'

/** Reads the arguments after the program's name. */
export function parseCommand(args: readonly string[]): Command {
  let parsed
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
        ps: { type: 'boolean' },
      },
    })
  } catch (error) {
    return { type: 'misuse', message: `${(error as Error).message.split('. ')[0]}. ${SEE_HELP}` }
  }
  const { values, positionals } = parsed
  if (values.help === true) return { type: 'help' }
  if (values.version === true) return { type: 'version' }
  return parsePositionals(positionals, values.ps === true)
}

function parsePositionals(positionals: readonly string[], ps: boolean): Command {
  const [name, file, input = '', ...rest] = positionals
  if (name === undefined) return { type: 'misuse', message: `Expected a command, got none. ${SEE_HELP}` }
  if (name !== 'run') return { type: 'misuse', message: `Expected the command "run", got "${name}". ${SEE_HELP}` }
  if (file === undefined) {
    return { type: 'misuse', message: `Expected a file after "run", such as: aios run agent.js "Hello". ${SEE_HELP}` }
  }
  if (rest.length > 0) {
    const count = positionals.length - 2
    const message = `Expected one input after the file, got ${count} words. Put quotes around the input. ${SEE_HELP}`
    return { type: 'misuse', message }
  }
  return { type: 'run', file, input, ps }
}
