/** Is the program `aios`: hands arguments, streams and signals of this process to the command line. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { directoryRecords } from '../preset/data-directory.js'
import { runCli } from './cli.js'

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
const interrupt = new AbortController()
// Once: a second Ctrl+C ends the process at once, should an agent not let go.
process.once('SIGINT', () => interrupt.abort(new Error('Interrupted.')))

// Whoever reads may have seen enough, as in "aios runs | head": that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

process.exitCode = await runCli(process.argv.slice(2), {
  version: manifest.version,
  signal: interrupt.signal,
  loadsTypeScript:
    (process.features as { typescript?: unknown }).typescript !== false && 'typescript' in process.features,
  resolve: (name, from) => createRequire(from).resolve(name),
  import: (url) => import(url) as Promise<Readonly<Record<string, unknown>>>,
  records: directoryRecords,
  // Some terminals say 0 when they do not know.
  columns: process.stdout.columns || 100,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
})
