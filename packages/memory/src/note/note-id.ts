const ID = /^n([1-9a-z][0-9a-z]*)$/
const RADIX = 36
/** Bytes of the key of a note, and the greatest number that fits. */
const KEY_BYTES = 6
const LAST = 2 ** (8 * KEY_BYTES) - 1

/** Returns the id of a note from its serial number. */
export function idOf(serial: number): string {
  return `n${serial.toString(RADIX)}`
}

/** Returns the serial number of an id, or 0, which no note has. */
export function serialOf(id: string): number {
  const serial = Number.parseInt(ID.exec(id)?.[1] ?? '0', RADIX)
  return serial <= LAST ? serial : 0
}

/** Returns the key that a note is recorded under: the order of the keys is the order in which notes were added. */
export function keyOfSerial(serial: number): Uint8Array {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  key.writeUIntBE(serial, 0, KEY_BYTES)
  return key
}

/** Returns the serial number of a key, or 0 if it is not the key of a note. */
export function serialOfKey(key: Uint8Array): number {
  return key.byteLength === KEY_BYTES ? Buffer.from(key.buffer, key.byteOffset, KEY_BYTES).readUIntBE(0, KEY_BYTES) : 0
}
