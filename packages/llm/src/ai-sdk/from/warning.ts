import type { CoreWarning } from '@aios/kernel'
import { isRecord } from '../../core/record.js'

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function toolName(tool: unknown): string | undefined {
  return isRecord(tool) ? text(tool['name']) : undefined
}

/** Translates the warnings of a model, of any specification; what is none is left out. */
export function fromSdkWarnings(warnings: unknown): CoreWarning[] {
  if (!Array.isArray(warnings)) return []
  return warnings.filter(isRecord).map(({ type, setting, feature, tool, details, message }) => {
    const subject = text(setting) ?? text(feature) ?? toolName(tool)
    const said = text(message) ?? text(details) ?? `The model says of it: ${text(type) ?? 'nothing'}.`
    return { setting: subject ?? 'other', message: said }
  })
}
