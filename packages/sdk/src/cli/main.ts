/** Is the program `aios`: hands arguments, streams and signals of this process to the command line. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { directoryRecords } from '../preset/data-directory.js'
import { runCli } from './cli.js'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
const interrupt = new AbortController()
// Once: a second Ctrl+C ends the process at once, should an agent not let go.
process.once('SIGINT', () => interrupt.abort(new Error('Interrupted.')))

process.exitCode = await runCli(process.argv.slice(2), {
  version: manifest.version,
  signal: interrupt.signal,
  loadsTypeScript:
    (process.features as { typescript?: unknown }).typescript !== false && 'typescript' in process.features,
  resolve: (name, from) => createRequire(from).resolve(name),
  import: (url) => import(url) as Promise<Readonly<Record<string, unknown>>>,
  records: directoryRecords,
  columns: process.stdout.columns ?? 100,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
