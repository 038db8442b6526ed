import type { ObjectStore, StoredObject } from '../../model/attached/clients.ts'
import type { Connected } from '../attachments.ts'
import { checkExpiry, checkKey, inByteOrder } from './keys.ts'

/** Objects in this process alone, gone with it. The URL of one holds it, so it never expires. */
export function memoryObjects(name: string): Connected<ObjectStore> {
  const objects = new Map<string, StoredObject>()
  return {
    client: {
      async put(key, bytes, { type = 'application/octet-stream' } = {}) {
        objects.set(checkKey(name, key), { bytes: Uint8Array.from(Buffer.from(bytes as Uint8Array)), type })
      },
      async get(key) {
        const found = objects.get(checkKey(name, key))
        return found && { ...found, bytes: Uint8Array.from(found.bytes) }
      },
      async delete(key) {
        objects.delete(checkKey(name, key))
      },
      async list(prefix, { limit = Infinity } = {}) {
        const keys = [...objects.keys()].filter((it) => it.startsWith(prefix))
        return inByteOrder(keys).slice(0, limit)
      },
      async urlFor(key, { expiresMs } = {}) {
        checkExpiry(name, expiresMs)
        const { bytes, type } = objects.get(checkKey(name, key)) ?? {
          bytes: new Uint8Array(),
          type: 'text/plain',
        }
        return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
      },
    },
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
