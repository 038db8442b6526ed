import { fault } from '../kernel/errors/fault.ts'
import { SLICES } from '../kernel/slice.ts'
import type { OutMessage } from './transport.ts'

// What every transport accepts and refuses, so that all transports accept and refuse the same.

const MAX_TOPIC_BYTES = 200
const MAX_ID_BYTES = 255

/**
 * Refuses a topic that not every broker can hold.
 * @throws DURE_TOPIC_INVALID
 */
export function checkTopic(topic: string, partitions: number): void {
  // Beginning with a letter or digit keeps clear of names that brokers reserve: _INBOX, $JS, __consumer_offsets.
  if (!/^[\p{L}\p{N}][\p{L}\p{N}_-]*(\.[\p{L}\p{N}_-]+)*$/u.test(topic)) {
    const reason = 'its name must be a letter or digit, then letters, digits, _, - and dots between them'
    throw fault('DURE_TOPIC_INVALID', { topic, reason })
  }
  if (Buffer.byteLength(topic) > MAX_TOPIC_BYTES) {
    throw fault('DURE_TOPIC_INVALID', { topic, reason: `its name is longer than ${MAX_TOPIC_BYTES} bytes` })
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > SLICES) {
    const reason = `it has ${partitions} partitions; 1 to ${SLICES} are possible`
    throw fault('DURE_TOPIC_INVALID', { topic, reason })
  }
}

/**
 * Refuses a batch with a message that the topic cannot keep as it is.
 * @throws DURE_MESSAGE_UNPUBLISHABLE, DURE_MESSAGE_TOO_LARGE
 */
export function checkMessages(
  messages: readonly OutMessage[],
  topic: { readonly name: string; readonly partitions: number; readonly maxBytes: number },
): void {
  const { name, partitions, maxBytes } = topic
  for (const { partition, id, body } of messages) {
    const refuse = (reason: string): Error =>
      fault('DURE_MESSAGE_UNPUBLISHABLE', { topic: name, id: id.slice(0, MAX_ID_BYTES), reason })
    if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
      throw refuse(`its partition is ${partition}; 0 to ${partitions - 1} are there`)
    }
    if (!isHeader(id))
      throw refuse(`its id must be 1 to ${MAX_ID_BYTES} bytes of text without control characters`)
    if (!body.isWellFormed()) throw refuse('its body has half of a surrogate pair, which UTF-8 cannot hold')
    // A character is three bytes at most: most bodies need not be measured.
    if (body.length * 3 <= maxBytes) continue
    const bytes = Buffer.byteLength(body)
    if (bytes > maxBytes) throw fault('DURE_MESSAGE_TOO_LARGE', { topic: name, id, bytes, limit: maxBytes })
  }
}

/** Whether an id survives as the value of a header: brokers trim spaces, and a line break would end it. */
function isHeader(id: string): boolean {
  if (id.length === 0 || (id.length * 3 > MAX_ID_BYTES && Buffer.byteLength(id) > MAX_ID_BYTES)) return false
  return id.isWellFormed() && !/^\s|\s$|[\0-\x1f\x7f]/.test(id)
}
