// Starts programs: the one way in which these scripts do so.
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** The environment for a child: the tools of this repository on the PATH, no colours, and no live model. */
export function environment(extra = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', PATH: path, ...extra }
  delete env.OPENAI_API_KEY
  delete env.OLLAMA_HOST
  return env
}

/** Returns what ends a program together with whatever it started; that also happens when this process ends first. */
function endable(child) {
  const end = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It had ended by itself.
    }
  }
  const interrupt = () => process.exit(130)
  process.on('exit', end).on('SIGINT', interrupt).on('SIGTERM', interrupt)
  child.on('close', () => process.off('exit', end).off('SIGINT', interrupt).off('SIGTERM', interrupt))
  return end
}

/** Ends a program that takes too long. */
function endWithin(child, timeoutMs) {
  const timer = setTimeout(endable(child), timeoutMs)
  child.on('close', () => clearTimeout(timer))
}

/**
 * Runs a program to its end and gives back its exit code and what it printed, both streams in one text.
 * With `show` the output goes to the terminal instead. A program that takes longer than `timeoutMs` is ended with
 * whatever it started, and counts as exit code 124.
 */
export function exec(command, args = [], { cwd = root, env = environment(), show = false, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = show ? 'inherit' : ['ignore', 'pipe', 'pipe']
    const detached = timeoutMs !== undefined
    const child = spawn(command, args, { cwd, env, stdio, detached, shell: args.length === 0 })
    if (detached) endWithin(child, timeoutMs)
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => (output += text))
    child.stderr?.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? (detached ? 124 : 1), output }))
  })
}

/**
 * Starts a script of this repository that says when it is ready and then answers messages, one at a time. `ask` gives back
 * its answer, or `{ late: true }` if that took longer than `timeoutMs`, whereupon it is ended with whatever it started, or
 * `{ gone: true }` if it ended by itself.
 */
export function start(script) {
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
  })
  const end = endable(child)
  const closed = new Promise((resolve) => child.once('close', () => resolve({ gone: true })))
  const said = () => new Promise((resolve) => child.once('message', resolve))
  const ready = Promise.race([said(), closed])
  const ask = async (message, timeoutMs) => {
    await ready
    if (!child.connected) return { gone: true }
    let timer
    const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs, { late: true })))
    const answer = Promise.race([said(), late, closed])
    child.send(message)
    const { late: isLate } = await answer
    clearTimeout(timer)
    if (isLate) end()
    return answer
  }
  return { ask, end }
}

/** Runs a program that has to succeed; prints what it said and ends this process if it does not. */
export async function must(command, args, options) {
  const result = await exec(command, args, options)
  if (result.code === 0) return result.output
  console.error(result.output)
  console.error(`failed: ${[command, ...(args ?? [])].join(' ')}`)
  process.exit(1)
}

/** Runs jobs `width` at a time, in order, and gives back their results in that order. */
export async function parallel(jobs, width = 2) {
  const results = []
  const queue = jobs.entries()
  const worker = async () => {
    for (const [index, job] of queue) results[index] = await job()
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
