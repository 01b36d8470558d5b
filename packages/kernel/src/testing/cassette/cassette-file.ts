import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { AiosError } from '../../error/aios-error.js'
import type { RunJournal } from '../../journal/run-journal.js'
import { redactText } from '../../lifetime/redact.js'
import { randomId } from '../../time/random-id.js'
import { CASSETTE, journalOf, type Cassette } from './cassette.js'

/**
 * Writes a cassette whole or not at all: whoever reads the file meanwhile has the old one.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` for one in which something has the form of an API key
 */
export async function writeCassette(file: string, cassette: Cassette): Promise<void> {
  refuseSecrets(file, cassette)
  const path = resolve(file)
  const beside = `${path}.${randomId()}.tmp`
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(beside, `${JSON.stringify(cassette, null, 2)}\n`)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

/** The last guard: what `scrub` puts in, or nobody thought of, is not committed either. */
function refuseSecrets(file: string, cassette: Cassette): void {
  JSON.stringify(cassette, (key, value: unknown) => {
    if (redactText(key) === key && (typeof value !== 'string' || redactText(value) === value)) return value
    throw new AiosError(
      'AIOS_NOT_CLONEABLE',
      `Expected a cassette without API keys, got a text that has the form of one for ${file}. Nothing was written; take it out with "scrub".`,
      { details: { file } },
    )
  })
}

/**
 * Reads a cassette.
 *
 * @param advice - how to come by one, for the error
 * @throws AiosError `AIOS_NOT_FOUND` if there is no file; `AIOS_CORRUPT` if it is damaged, or something else;
 *   `AIOS_UNSUPPORTED` if another version of the format is in it
 */
export async function readCassette(
  file: string,
  advice = 'Record it once with recordRun()',
): Promise<{ readonly cassette: Cassette; readonly journal: RunJournal }> {
  const cassette = parsed(file, await textOf(file, advice))
  try {
    return { cassette, journal: journalOf(cassette) }
  } catch (error) {
    throw corrupt(file, String(error), error)
  }
}

async function textOf(file: string, advice: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ENOENT') throw error
    throw new AiosError(
      'AIOS_NOT_FOUND',
      `Expected a cassette at ${resolve(file)}, found none. ${advice} where the environment variable CI is not set, and commit the file.`,
      { cause: error },
    )
  }
}

function parsed(file: string, text: string): Cassette {
  let cassette: Partial<Cassette> | null
  try {
    cassette = JSON.parse(text) as Partial<Cassette> | null
  } catch (error) {
    throw corrupt(file, String(error), error)
  }
  if (cassette?.format !== CASSETTE.format) throw corrupt(file, `its "format" is not "${CASSETTE.format}"`)
  const { version } = cassette
  if (version !== CASSETTE.version) {
    const age = typeof version !== 'number' ? 'no version' : version > CASSETTE.version ? 'a newer one' : 'an older one'
    throw new AiosError(
      'AIOS_UNSUPPORTED',
      `Expected a cassette of version ${CASSETTE.version}, got ${age} (${String(version)}) in ${file}. Record it again, or use the version of @aios/kernel that wrote it.`,
    )
  }
  if (typeof cassette.name !== 'string' || !Array.isArray(cassette.lines) || typeof cassette.end !== 'object')
    throw corrupt(file, 'it has no "name", "lines" or "end"')
  return cassette as Cassette
}

function corrupt(file: string, why: string, cause?: unknown): AiosError {
  return new AiosError('AIOS_CORRUPT', `Cassette ${file} cannot be read: ${why}. Record it again.`, { cause })
}
