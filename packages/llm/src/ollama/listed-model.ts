import { isRecord } from '../core/record.js'

/** Is a model that a host has, as the host lists it. */
export interface OllamaModel {
  /** Name with its tag, such as `llama3.2:latest`. */
  readonly name: string
  /** Bytes on the disk. */
  readonly sizeBytes?: number | undefined
  /** When it was last changed there, as the host writes it: RFC 3339. */
  readonly modifiedAt?: string | undefined
  readonly digest?: string | undefined
  /** Such as `llama`. */
  readonly family?: string | undefined
  /** Such as `3.2B`. */
  readonly parameterSize?: string | undefined
  /** Such as `Q4_K_M`. */
  readonly quantization?: string | undefined
}

/** Is what a host says that a model can do; undefined where it does not say. */
export interface ShownModel {
  readonly capabilities: readonly string[] | undefined
}

type Fields = Readonly<Record<string, unknown>>

const textAt = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function listedModel(entry: Fields): OllamaModel | undefined {
  const name = textAt(entry, 'name') ?? textAt(entry, 'model')
  if (name === undefined) return undefined
  const details = isRecord(entry['details']) ? entry['details'] : {}
  const size = entry['size']
  const known = {
    sizeBytes: typeof size === 'number' ? size : undefined,
    modifiedAt: textAt(entry, 'modified_at'),
    digest: textAt(entry, 'digest'),
    family: textAt(details, 'family'),
    parameterSize: textAt(details, 'parameter_size'),
    quantization: textAt(details, 'quantization_level'),
  }
  return { name, ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) }
}

/** Reads the list of a host's models, or undefined if it is none. */
export function listedModels(body: unknown): OllamaModel[] | undefined {
  const models = isRecord(body) ? body['models'] : undefined
  if (!Array.isArray(models)) return undefined
  return models.filter(isRecord).flatMap((entry) => listedModel(entry) ?? [])
}

/** Reads what a host shows of a model. */
export function shownModel(body: unknown): ShownModel {
  const said = isRecord(body) ? body['capabilities'] : undefined
  const isSaid = Array.isArray(said) && said.length > 0
  return { capabilities: isSaid ? said.filter((each) => typeof each === 'string') : undefined }
}

/** Whether a name means a listed model: `llama3.2` is `llama3.2:latest`. */
export function isModel({ name }: OllamaModel, wanted: string): boolean {
  return name === wanted || name === `${wanted}:latest`
}
