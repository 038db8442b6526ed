import { createHash } from 'node:crypto'

/** Of Kafka itself. */
const MAX_LENGTH = 249
const HASH_LENGTH = 16
const SIGNALS = '_signals'

/**
 * The name of a topic in Kafka. Kafka knows ASCII letters, digits, `.`, `_` and `-`, and takes `a.b` and `a_b` for one: a
 * name with anything else than letters, digits, `.` and `-` gets a hash of itself, behind the `_` that no other name has.
 */
export function kafkaName(topic: string): string {
  if (/^[A-Za-z0-9.-]+$/.test(topic) && topic.length <= MAX_LENGTH - SIGNALS.length) return topic
  const hash = createHash('sha256').update(topic).digest('hex').slice(0, HASH_LENGTH)
  return `${topic.replaceAll(/[^A-Za-z0-9.-]/g, '-').slice(0, MAX_LENGTH - SIGNALS.length - HASH_LENGTH - 1)}_${hash}`
}

/** The topic beside it that carries its signals. */
export const signalsName = (name: string): string => `${name}${SIGNALS}`
