import { open, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AiosError } from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'
import { fileFingerprint } from '../local/file-fingerprint.js'
import type { HuggingfaceDtype } from './huggingface-options.js'

/** Is what is known of a model before it is loaded. */
export interface ModelFolder {
  /** Absolute: the package takes a relative path for the name of a model on its hub. */
  readonly path: string
  readonly dtype: HuggingfaceDtype
  /** Tells models apart. */
  readonly fingerprint: string
  /** Size of the weights. */
  readonly bytes: number
  readonly config: Readonly<Record<string, unknown>>
  /** Of the file beside the tokenizer, which the package does not read; undefined where there is none. */
  readonly chatTemplate: string | undefined
}

/** Ends of the names of files, by how weights are stored; from the exact to the small. */
const SUFFIX: Readonly<Record<HuggingfaceDtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
}

const GONE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])
const isGone = (error: unknown): boolean => GONE.has((error as NodeJS.ErrnoException).code)

function unreadable(path: string, cause: unknown): AiosError {
  const got = isGone(cause) ? 'none' : `the error ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`
  const message = `Expected a file at "${path}", got ${got}. Give huggingface() the folder of a whole model in ONNX format.`
  return new AiosError(isGone(cause) ? 'AIOS_LLM_NOT_FOUND' : 'AIOS_LLM_PERMISSION', message, { cause })
}

/** Returns the error for a folder that holds no model. */
export function foreignFolder(path: string, got: string, cause?: unknown): AiosError {
  const message = `Expected "${path}" to be a model in ONNX format with its tokenizer, got ${got}. Download or convert it again.`
  return new AiosError('AIOS_CORRUPT', message, cause === undefined ? {} : { cause })
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function recordOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(path)
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
  } catch (error) {
    throw foreignFolder(path, 'a file that is no JSON', error)
  }
  throw foreignFolder(path, 'JSON that is no object')
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const file = await stat(path)
    return file.isFile() ? file.size : undefined
  } catch (error) {
    if (isGone(error)) return undefined
    throw unreadable(path, error)
  }
}

/** @throws AiosError `AIOS_LLM_NOT_FOUND` if there is no such file */
async function mustBeThere(path: string): Promise<void> {
  if ((await sizeOf(path)) === undefined) throw unreadable(path, { code: 'ENOENT' })
}

async function templateOf(folder: string): Promise<string | undefined> {
  const path = join(folder, 'chat_template.jinja')
  return (await sizeOf(path)) === undefined ? undefined : textOf(path)
}

/** Adds up the weights, which large models keep in files beside the graph. */
async function weightsOf(path: string): Promise<number> {
  let bytes = (await sizeOf(path)) ?? 0
  for (let part = 0; ; part += 1) {
    const size = await sizeOf(`${path}_data${part === 0 ? '' : `_${part}`}`)
    if (size === undefined) return bytes
    bytes += size
  }
}

async function printOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(path, error)
  })
  try {
    return await fileFingerprint(file)
  } finally {
    await file.close()
  }
}

async function foundDtype(folder: string, dtype: HuggingfaceDtype | undefined): Promise<HuggingfaceDtype> {
  if (dtype !== undefined) return dtype
  for (const each of Object.keys(SUFFIX) as HuggingfaceDtype[])
    if ((await sizeOf(join(folder, 'onnx', `model${SUFFIX[each]}.onnx`))) !== undefined) return each
  return 'fp32'
}

/**
 * Looks at a model's folder: it has to hold all that the package reads, so that it never looks anywhere else.
 *
 * @throws AiosError `AIOS_LLM_NOT_FOUND` if a file is missing, `AIOS_LLM_PERMISSION` if one cannot be read, `AIOS_CORRUPT` if one is
 * not what its name says
 */
export async function inspectModelFolder(folder: string, wanted: HuggingfaceDtype | undefined): Promise<ModelFolder> {
  const path = resolve(folder)
  const config = await recordOf(join(path, 'config.json'))
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) await mustBeThere(join(path, name))
  const dtype = await foundDtype(path, wanted)
  const weights = join(path, 'onnx', `model${SUFFIX[dtype]}.onnx`)
  const fingerprint = await printOf(weights)
  return { path, dtype, fingerprint, bytes: await weightsOf(weights), config, chatTemplate: await templateOf(path) }
}

/** Returns the number that a model's configuration has under the first of these names; undefined if under none. */
export function configNumber({ config }: Pick<ModelFolder, 'config'>, ...names: readonly string[]): number | undefined {
  const text = config['text_config']
  const all = isRecord(text) ? { ...text, ...config } : config
  return names.map((name) => all[name]).find((value): value is number => Number.isSafeInteger(value))
}
