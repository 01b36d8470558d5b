import { parseArgs } from 'node:util'

/** Is what the command line asks for; `misuse` says what was expected, what came and what to do. */
export type Command =
  | { readonly type: 'help' }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly file: string; readonly input: string; readonly ps: boolean }
  | ({ readonly type: 'runs'; readonly last: number } & OnData)
  | ({ readonly type: 'trace'; readonly run: string } & OnData)
  | ({
      readonly type: 'replay'
      readonly run: string
      readonly agents: string
      readonly until: number | undefined
      readonly fork: number | undefined
    } & OnData)
  | ({ readonly type: 'recover'; readonly agents: string } & OnData)
  | { readonly type: 'misuse'; readonly message: string }

/** Is what all commands about recorded runs are told. */
interface OnData {
  /** Path of the data directory. */
  readonly data: string
  /** Whether to print one JSON document instead of text for people. */
  readonly json: boolean
}

/** Is what `aios --help` prints. */
export const HELP = `Usage:
  aios run <file> [input]   run the agent that a module exports
  aios runs                 list the recorded runs
  aios trace <run>          show what a run did, call by call
  aios replay <run>         run its agent again from what was recorded, asking nothing and nobody
  aios recover              take up the runs that were left unfinished
  aios --help               show this text
  aios --version            show the version

The default export of the file is an agent, or { agent, kernel } with options for
createKernel of @aios/sdk. The agent gets the input as a string, '' if there is none;
what it returns goes to standard output, as JSON unless it is a string.
TypeScript needs tsx installed next to the file, or a Node that loads it by itself (22.18 and newer).

Options of run:
  --ps   print the process table and the accounting to standard error

Options of runs, trace, replay and recover:
  --data DIR     the dataDir of the kernel that made the runs (./.aios)
  --last N       of runs: show so many, the newest first (50)
  --agents FILE  of replay and recover: a module whose exports are agents by name (./agents.js); what it
                 exports as "kernel" are options for createKernel
  --until N      of replay: stop after line N, and show what would come next
  --fork N       of replay: make the call of line N again, live, go on from there, and show what differs
  --json         print one JSON document instead of text

Without "llm" in the options, the model comes from the environment:
  OPENAI_API_KEY, OPENAI_MODEL (gpt-5-mini), or OLLAMA_HOST, OLLAMA_MODEL (llama3.2).

Exit code: 0 done, 1 the agent, its module or the data directory failed, 2 wrong usage, 130 interrupted.
`

const SEE_HELP = 'See "aios --help".'

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  ps: { type: 'boolean' },
  data: { type: 'string' },
  last: { type: 'string' },
  agents: { type: 'string' },
  until: { type: 'string' },
  fork: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** Which command has which options. */
const OF_COMMAND: Readonly<Record<string, readonly (keyof typeof OPTIONS)[]>> = {
  run: ['ps'],
  runs: ['data', 'last', 'json'],
  trace: ['data', 'json'],
  replay: ['data', 'agents', 'until', 'fork', 'json'],
  recover: ['data', 'agents', 'json'],
}

const DEFAULTS = { data: './.aios', agents: './agents.js', last: 50 } as const

type Values = Readonly<Partial<Record<keyof typeof OPTIONS, string | boolean>>>

/** Reads the arguments after the program's name. */
export function parseCommand(args: readonly string[]): Command {
  let parsed
  try {
    parsed = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  } catch (error) {
    return misuse(`${(error as Error).message.split('. ')[0]}.`)
  }
  const { values, positionals } = parsed
  if (values.help === true) return { type: 'help' }
  if (values.version === true) return { type: 'version' }
  const [name, ...rest] = positionals
  if (name === undefined) return misuse('Expected a command, got none.')
  const own = Object.hasOwn(OF_COMMAND, name) ? OF_COMMAND[name] : undefined
  if (own === undefined)
    return misuse(`Expected one of the commands ${Object.keys(OF_COMMAND).join(', ')}, got "${name}".`)
  for (const key of Object.keys(values) as (keyof typeof OPTIONS)[])
    if (!own.includes(key)) return misuse(`Expected --${key} only where it has an effect, got it with "${name}".`)
  return name === 'run' ? parseRun(rest, values) : parseJournal(name, rest, values)
}

function misuse(message: string): Command {
  return { type: 'misuse', message: `${message} ${SEE_HELP}` }
}

function parseRun([file, input = '', ...rest]: readonly string[], { ps }: Values): Command {
  if (file === undefined) return misuse('Expected a file after "run", such as: aios run agent.js "Hello".')
  if (rest.length === 0) return { type: 'run', file, input, ps: ps === true }
  return misuse(`Expected one input after the file, got ${rest.length + 1} words. Put quotes around the input.`)
}

function parseJournal(name: string, [run, ...rest]: readonly string[], values: Values): Command {
  const takesRun = name === 'trace' || name === 'replay'
  if (takesRun && (run ?? '') === '') return misuse(`Expected the id of a run after "${name}"; "aios runs" lists them.`)
  const extra = takesRun ? rest[0] : run
  if (extra !== undefined) return misuse(`Expected nothing more after "${name}", got "${extra}".`)
  const problem = wrongValue(values)
  if (problem !== undefined) return misuse(problem)
  const { data = DEFAULTS.data, agents = DEFAULTS.agents } = values as Readonly<Record<string, string | undefined>>
  const number = (key: 'until' | 'fork'): number | undefined =>
    values[key] === undefined ? undefined : Number(values[key])
  const on = { data, json: values.json === true }
  if (name === 'runs') return { type: 'runs', last: Number(values.last ?? DEFAULTS.last), ...on }
  if (name === 'recover') return { type: 'recover', agents, ...on }
  if (name === 'trace') return { type: 'trace', run: run ?? '', ...on }
  return { type: 'replay', run: run ?? '', agents, until: number('until'), fork: number('fork'), ...on }
}

/** Says what is wrong with the values of options, if anything. */
function wrongValue(values: Values): string | undefined {
  for (const key of ['data', 'agents'] as const)
    if (values[key] === '') return `Expected a path after --${key}, got an empty one.`
  for (const key of ['last', 'until', 'fork'] as const)
    if (values[key] !== undefined && !/^[1-9]\d{0,14}$/.test(String(values[key])))
      return `Expected a whole number from 1 after --${key}, got "${String(values[key])}".`
  if (values.until !== undefined && values.fork !== undefined)
    return 'Expected either --until, which stops, or --fork, which goes on live, got both.'
  return undefined
}
