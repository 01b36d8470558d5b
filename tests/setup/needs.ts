/** The only way for a test to depend on what a fresh clone has not got. Whatever is missing is named, never silent. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { it } from 'vitest'

type Body = (path: string) => unknown

function runOrName(
  name: string,
  path: string | undefined,
  need: { readonly reason: string; readonly body: Body },
): void {
  it(name, async ({ skip }) => {
    if (path === undefined) return skip(need.reason)
    await need.body(path)
  })
}

/**
 * Declares a test that reads recorded data.
 *
 * @param folder - where it lies below `AIOS_DATA_DIR`, such as `wire/openai`
 * @param name - the sentence of behaviour
 * @param body - gets the absolute path of that folder
 */
export function needsData(folder: string, name: string, body: Body): void {
  const root = process.env['AIOS_DATA_DIR']
  const path = root === undefined || root === '' ? undefined : join(root, folder)
  const isThere = path !== undefined && existsSync(path)
  const reason =
    path === undefined ? `set AIOS_DATA_DIR to a folder that holds ${folder}` : `there is no ${folder} in AIOS_DATA_DIR`
  runOrName(name, isThere ? path : undefined, { reason, body })
}

/**
 * Declares a test that runs a program of the operating system.
 *
 * @param program - its name on the PATH, such as `bwrap`
 * @param name - the sentence of behaviour
 * @param body - gets the absolute path of the program
 */
export function needsProgram(program: string, name: string, body: Body): void {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const path = folders.map((folder) => join(folder, program)).find((candidate) => existsSync(candidate))
  runOrName(name, path, { reason: `install the program ${program}`, body })
}

/** Begins a command that may mount file systems which only it sees, and which are gone with it. */
const IN_MOUNT = ['unshare', '-rm'] as const

/**
 * Declares a test that mounts a file system.
 *
 * @param name - the sentence of behaviour
 * @param body - gets what has to stand before a command that mounts
 */
export function needsMount(name: string, body: (inMount: string) => unknown): void {
  it(name, async ({ skip }) => {
    const [program, ...words] = IN_MOUNT
    const tried = spawnSync(program, [...words, 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'], { encoding: 'utf8' })
    const why = tried.error?.message ?? tried.stderr.trim()
    if (tried.status !== 0) return skip(`let "${IN_MOUNT.join(' ')}" mount a tmpfs: ${why}`)
    await body(IN_MOUNT.join(' '))
  })
}
