import { DefaultDeserializer } from 'node:v8'

interface HostReader {
  _readHostObject(): NodeJS.ArrayBufferView
}

/** Reads what the structured clone algorithm wrote; what it returns shares no memory with the bytes that it was read from. */
class CloneReader extends DefaultDeserializer {
  /** Node makes views upon the bytes themselves: whoever changes one would change what is kept, and sees what stands around it. */
  _readHostObject(): NodeJS.ArrayBufferView {
    const view = (DefaultDeserializer.prototype as unknown as HostReader)._readHostObject.call(this)
    const own = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer
    if (Buffer.isBuffer(view)) return Buffer.from(own)
    return new (view.constructor as new (buffer: ArrayBuffer) => NodeJS.ArrayBufferView)(own)
  }
}

/** Returns the value that bytes of the structured clone algorithm hold, a copy of its own at each call. Throws for other bytes. */
export function readClone(bytes: Uint8Array): unknown {
  const reader = new CloneReader(bytes)
  reader.readHeader()
  return reader.readValue()
}
