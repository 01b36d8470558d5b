import type { RecordStore } from '@aios/kernel'
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

/** Returns text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Returns what stands under a key, as text. */
export async function textAt(store: RecordStore, space: string, key: string): Promise<string | undefined> {
  const record = await store.get(space, bytes(key))
  return record === undefined ? undefined : new TextDecoder().decode(record.value)
}

/** Returns all that an iteration gives. */
export async function collect<T>(iteration: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const each of iteration) all.push(each)
  return all
}

/** Returns a sum of the names and bytes of all files of a directory, without those in directories below. */
export async function sumOf(dir: string): Promise<string> {
  const sum = createHash('sha256')
  const entries = await readdir(dir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  for (const name of names.sort()) sum.update(name).update(await readFile(join(dir, name)))
  return sum.digest('hex')
}

/** Runs a program in a process of its own; returns what it reported, and how it ended. */
export async function runChild(
  program: URL,
  args: readonly string[],
): Promise<{ readonly reports: readonly unknown[]; readonly code: number | null; readonly signal: string | null }> {
  const child = fork(program, args, {
    execArgv: [...NODE_ARGUMENTS],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.stderr?.resume()
  const reports: unknown[] = []
  child.on('message', (report) => reports.push(report))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { reports, code, signal }
}
