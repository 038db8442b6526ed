import type { TransportWarning } from '../../ports/transport.ts'

/** What the JetStream API says of a stream's configuration; only what is asked for, or would lose messages. */
export interface StreamConfig {
  readonly name: string
  readonly description?: string
  readonly subjects?: readonly string[]
  readonly retention: string
  readonly storage: string
  readonly discard: string
  /** In ns; 0 is for ever. */
  readonly max_age: number
  readonly max_msgs: number
  readonly max_bytes: number
  readonly max_msgs_per_subject: number
  readonly max_msg_size: number
  /** In ns. */
  readonly duplicate_window: number
  readonly num_replicas: number
  readonly max_consumers?: number
  readonly mirror?: unknown
  readonly sources?: readonly unknown[]
  readonly sealed?: boolean
  readonly no_ack?: boolean
  readonly subject_transform?: unknown
  readonly persist_mode?: string
  readonly allow_msg_counter?: boolean
}

/** What a user may ask of the stream of a topic. */
export interface StreamOptions {
  /** `file` when absent. */
  readonly storage?: 'file' | 'memory'
  /** On how many servers of the cluster it is kept. 1 when absent; a production system has 3. */
  readonly replicas?: number
  /** How long messages are kept, in ms. 7 days when absent. */
  readonly maxAgeMs?: number
  /** How many bytes of messages are kept, the oldest given up first. No limit but the account's when absent. */
  readonly maxBytes?: number
  /**
   * How long the server drops a message published again, in ms, for readers that are not Dure's: those pass repetitions over
   * anyway. The server remembers each id as long, which can halve the speed of publishing. Absent or 0, messages go without
   * ids, and each repetition is stored.
   */
  readonly duplicateWindowMs?: number
}

const DAY_MS = 24 * 60 * 60 * 1000
const NS_PER_MS = 1_000_000

export function askedFor(name: string, subjects: readonly string[], options: StreamOptions): StreamConfig {
  const { storage = 'file', replicas = 1, maxAgeMs = 7 * DAY_MS, maxBytes = -1 } = options
  // The server takes 0 for its own default.
  const windowMs = options.duplicateWindowMs || 2 * 60 * 1000
  return {
    name,
    subjects,
    retention: 'limits',
    storage,
    discard: 'old',
    max_age: maxAgeMs * NS_PER_MS,
    max_msgs: -1,
    max_bytes: maxBytes,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
    // The server refuses a window longer than what it keeps.
    duplicate_window: Math.min(windowMs, maxAgeMs || windowMs) * NS_PER_MS,
    num_replicas: replicas,
  }
}

/** The first setting by which a stream would lose messages that the one asked for keeps; undefined when there is none. */
export function unsuitable(found: StreamConfig, asked: StreamConfig): string | undefined {
  for (const setting of ['retention', 'discard', 'storage'] as const) {
    if (found[setting] !== asked[setting]) return `${setting} is ${found[setting]}, not ${asked[setting]}`
  }
  if (found.mirror !== undefined) return 'mirror is set: a mirror takes no messages of its own'
  if (found.sources !== undefined && found.sources.length > 0) {
    return 'sources are set: messages of other streams would come between'
  }
  const subjects = found.subjects ?? []
  if ([...subjects].toSorted().join() !== [...(asked.subjects ?? [])].toSorted().join()) {
    return `subjects are ${brief(subjects)}, not ${brief(asked.subjects ?? [])}: the number of partitions is part of a topic`
  }
  if (found.sealed === true) return 'sealed is true: it takes no messages'
  if (found.no_ack === true) return 'no_ack is true: nobody could tell what is stored'
  if (found.allow_msg_counter === true) return 'allow_msg_counter is true: it takes numbers only'
  if (found.subject_transform !== undefined) return 'subject_transform is set: partitions would change'
  if (found.persist_mode === 'async') return 'persist_mode is async: it acknowledges what is not stored'
  // What means no limit differs, and no limit is as good as any.
  if (isTighter(found.max_age, asked.max_age)) {
    return `max_age is ${days(found.max_age)}, not ${days(asked.max_age)}`
  }
  for (const setting of ['max_msgs', 'max_msgs_per_subject', 'max_bytes'] as const) {
    if (isTighter(found[setting], asked[setting])) {
      const wanted = asked[setting] > 0 ? `${asked[setting]}` : 'no limit'
      return `${setting} is ${found[setting]}, not ${wanted}`
    }
  }
  if (found.num_replicas < asked.num_replicas) {
    return `num_replicas is ${found.num_replicas}, not ${asked.num_replicas}`
  }
  return undefined
}

/** What is less than a production system should have. */
export function warningsOf(found: StreamConfig, asked: StreamConfig): TransportWarning[] {
  const warnings: TransportWarning[] = []
  const warn = (setting: string, found: string, advice: string): void =>
    void warnings.push({ setting, found, advice })
  if (found.storage === 'memory') {
    warn('storage', 'memory', 'Use file: what is in memory is gone when the server restarts.')
  }
  if (found.num_replicas < 2) {
    warn('replicas', '1', 'Use 3 in a cluster: the only copy is lost with its disk.')
  }
  if (found.storage === 'file' && found.num_replicas < 3) {
    warn(
      'sync interval',
      'unknown',
      'A server acknowledges before it has synced its disk, by default up to 2 minutes before; a power failure can lose what was acknowledged meanwhile. Set sync_interval: always, or use 3 replicas. Dure publishes again what is missing.',
    )
  }
  if (found.max_msg_size > 0 && found.max_msg_size !== asked.max_msg_size) {
    warn(
      'max_msg_size',
      `${found.max_msg_size}`,
      'Larger messages are refused. Use -1: max_payload bounds them.',
    )
  }
  if (isTighter(found.duplicate_window, asked.duplicate_window)) {
    const advice = `Use ${asked.duplicate_window / NS_PER_MS} ms: messages published again later are stored twice.`
    warn('duplicate_window', `${found.duplicate_window / NS_PER_MS} ms`, advice)
  }
  if ((found.max_consumers ?? -1) > 0) {
    warn(
      'max_consumers',
      `${found.max_consumers}`,
      'Use -1: every reader is a consumer, and more cannot read.',
    )
  }
  return warnings
}

const isTighter = (found: number, asked: number): boolean => found > 0 && (asked <= 0 || found < asked)
const days = (ns: number): string => (ns > 0 ? `${ns / NS_PER_MS / DAY_MS} days` : 'for ever')

function brief(subjects: readonly string[]): string {
  if (subjects.length <= 3) return subjects.join(', ') || 'none'
  return `${subjects[0]} to ${subjects.at(-1)} (${subjects.length})`
}
