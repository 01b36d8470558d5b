import { denied } from '../../access/compiled-grants.js'
import type { StorageDriver } from '../../driver/storage-driver.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import { DriverCallView } from '../driver-call.js'
import { either, flag, oneOf, optional, shape, string, text, mismatch, type Validate } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { routeTo } from './no-device.js'

const bytes: Validate = (value, path) =>
  value instanceof Uint8Array ? undefined : mismatch('a Uint8Array', path, value)

/** Checks that the process may use the path of a request. */
function route(call: Syscall, write: boolean): void {
  routeTo(call, 'storage')
  const { grants } = call.owner
  if (grants === undefined) return
  const path = (call.request as { readonly path?: string | undefined } | undefined)?.path ?? '.'
  // A path that climbs could leave what was granted; the device refuses it anyway if it leaves the root.
  const climbs = path.split(/[/\\]/).includes('..')
  if (climbs || !grants.storage(path, write)) {
    throw denied(`${write ? 'Writing' : 'Reading'} "${path}"`, grants.granted('storage'))
  }
}

type Verb = 'write' | 'read' | 'list' | 'stat' | 'remove'

function row(verb: Verb, write: boolean, validate: Validate): SyscallRow {
  return {
    name: `storage.${verb}`,
    validate,
    runs: 'device',
    returns: 'promise',
    effect: write ? 'keyed' : 'repeatable',
    route: (call) => {
      route(call, write)
    },
    execute: (call) => {
      const request = call.request ?? {}
      return boarded(call, request) ?? (call.device as StorageDriver)[verb](request as never, new DriverCallView(call))
    },
  }
}

/** The rows of the `storage` family. */
export const storageRows: readonly SyscallRow[] = [
  row('write', true, shape({ path: text, content: either('a string or a Uint8Array', string, bytes) })),
  row('read', false, shape({ path: text, encoding: optional(oneOf('utf8', 'bytes')) })),
  row('list', false, optional(shape({ path: optional(text), recursive: optional(flag) }))),
  row('stat', false, shape({ path: text })),
  row('remove', true, shape({ path: text, recursive: optional(flag) })),
]
