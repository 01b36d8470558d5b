import { readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { AiosError } from '@aios/kernel'
import { findRun } from './find-run.js'
import { journalData } from './journal-data.js'
import type { JournalCommand, JournalPorts } from './journal-ports.js'
import { recover } from './recover-command.js'
import { forkRun, replayRun } from './replay-command.js'
import { runList, runsText } from './run-table.js'
import { traceText } from './trace.js'
import { jsonText } from './value-text.js'

/** Runs a command about recorded runs and returns its exit code; rejects with what went wrong. */
export async function runJournalCommand(command: JournalCommand, ports: JournalPorts): Promise<number> {
  const directory = dataDirectory(command.data)
  if (command.type === 'recover') return recover(command, directory, ports)
  if (command.type === 'replay' && command.fork !== undefined)
    return forkRun({ ...command, fork: command.fork }, directory, ports)
  const records = await ports.records(directory, { readOnly: true })
  await records.open()
  try {
    if (command.type === 'replay') return await replayRun(command, await findRun(records, command.run), ports)
    if (command.type === 'runs') {
      const list = await runList(records, command.last)
      if (list.total > 0 || list.fault === undefined)
        ports.out(command.json ? `${jsonText(list.runs, 2)}\n` : runsText(list))
      if (list.fault !== undefined) throw list.fault
    } else {
      const journal = await findRun(records, command.run)
      ports.out(command.json ? `${jsonText(journalData(journal), 2)}\n` : traceText(journal, ports.columns))
    }
    return 0
  } finally {
    await records.close()
  }
}

/** Returns the path of a directory in which something is: nothing is made where somebody only wants to look. */
function dataDirectory(given: string): string {
  const directory = resolve(given)
  const stats = statSync(directory, { throwIfNoEntry: false })
  const got =
    stats === undefined
      ? 'nothing'
      : !stats.isDirectory()
        ? 'a file'
        : readdirSync(directory).length === 0
          ? 'an empty directory'
          : undefined
  if (got === undefined) return directory
  throw new AiosError(
    'AIOS_NOT_FOUND',
    `Expected a data directory at ${directory}, found ${got}. Name the dataDir of your kernel by --data.`,
  )
}
