import type { TransportWarning } from '../../ports/transport.ts'

/** What a user may ask of a topic. */
export interface TopicOptions {
  /** On how many brokers it is kept. The broker's default when absent; a production system has 3. */
  readonly replicas?: number
  /** How many replicas must have a message before it is acknowledged. 2 where 3 replicas are asked for, else the broker's default. */
  readonly minInsyncReplicas?: number
  /** How long messages are kept, in ms; 0 for ever. 7 days when absent. */
  readonly maxAgeMs?: number
  /** How many bytes of messages a partition keeps, the oldest given up first. No limit when absent. */
  readonly maxPartitionBytes?: number
}

/** A topic as it stands, or as it is asked for. */
export interface TopicSettings {
  readonly partitions: number
  /** Of the partition that has the fewest; -1 where the broker is to choose. */
  readonly replicas: number
  /** By Kafka's names. */
  readonly config: Readonly<Record<string, string>>
}

const DAY_MS = 24 * 60 * 60 * 1000

export function askedFor(partitions: number, options: TopicOptions): TopicSettings {
  const { replicas = -1, maxAgeMs = 7 * DAY_MS, maxPartitionBytes = -1 } = options
  const minInsync = options.minInsyncReplicas ?? (replicas >= 3 ? 2 : undefined)
  return {
    partitions,
    replicas,
    config: {
      'cleanup.policy': 'delete',
      'retention.ms': String(maxAgeMs > 0 ? maxAgeMs : -1),
      'retention.bytes': String(maxPartitionBytes),
      // What is old is for the broker's clock to say, not for those of who publishes.
      'message.timestamp.type': 'LogAppendTime',
      'unclean.leader.election.enable': 'false',
      ...(minInsync !== undefined && { 'min.insync.replicas': String(minInsync) }),
    },
  }
}

/** Of the topic that carries signals: they are of no use a moment later. */
export const askedForSignals = (replicas: number): TopicSettings => ({
  partitions: 1,
  replicas,
  config: { 'cleanup.policy': 'delete', 'retention.ms': '600000', 'segment.bytes': '1048576' },
})

/** The first setting by which a topic would lose messages that the one asked for keeps; undefined when there is none. */
export function unsuitable(found: TopicSettings, asked: TopicSettings): string | undefined {
  if (found.partitions !== asked.partitions) {
    return `partitions are ${found.partitions}, not ${asked.partitions}: their number is part of a topic`
  }
  const policy = found.config['cleanup.policy'] ?? 'delete'
  if (policy !== 'delete')
    return `cleanup.policy is ${policy}, not delete: messages would be dropped by their keys`
  for (const setting of ['retention.ms', 'retention.bytes'] as const) {
    const [is, wanted] = [numberOf(found, setting), numberOf(asked, setting)]
    if (isTighter(is, wanted)) return `${setting} is ${is}, not ${wanted}`
  }
  if (found.replicas < asked.replicas) return `replicas are ${found.replicas}, not ${asked.replicas}`
  const minInsync = numberOf(found, 'min.insync.replicas', 1)
  if (minInsync > found.replicas) {
    return `min.insync.replicas is ${minInsync}, and there are ${found.replicas} replicas: it takes no message`
  }
  if (minInsync < numberOf(asked, 'min.insync.replicas', 1)) {
    return `min.insync.replicas is ${minInsync}, not ${numberOf(asked, 'min.insync.replicas')}`
  }
  return undefined
}

/** What is less than a production system should have. */
export function warningsOf({ replicas, config }: TopicSettings): TransportWarning[] {
  const warnings: TransportWarning[] = []
  const warn = (setting: string, found: string, advice: string): void =>
    void warnings.push({ setting, found, advice })
  if (replicas < 3) {
    warn(
      'replicas',
      `${replicas}`,
      'Use 3: brokers acknowledge before they have synced their disks, so a copy is what keeps.',
    )
  }
  const minInsync = config['min.insync.replicas'] ?? '1'
  if (replicas > 1 && Number(minInsync) < 2) {
    warn(
      'min.insync.replicas',
      minInsync,
      'Use 2: with 1 a message is acknowledged that a single broker has, and lost with it.',
    )
  }
  if (config['unclean.leader.election.enable'] === 'true') {
    warn(
      'unclean.leader.election.enable',
      'true',
      'Use false: a replica that is behind could lead, and drop messages.',
    )
  }
  const stamps = config['message.timestamp.type'] ?? 'LogAppendTime'
  if (stamps !== 'LogAppendTime') {
    warn(
      'message.timestamp.type',
      stamps,
      'Use LogAppendTime: else a publisher whose clock is wrong has its messages dropped early, or refused.',
    )
  }
  return warnings
}

/** The largest batch that the topic takes, in bytes. */
export const batchLimitOf = (found: TopicSettings): number => numberOf(found, 'max.message.bytes', 1_048_588)

function numberOf({ config }: TopicSettings, setting: string, missing = -1): number {
  const value = Number(config[setting] ?? missing)
  return Number.isFinite(value) ? value : missing
}

const isTighter = (found: number, asked: number): boolean => found >= 0 && (asked < 0 || found < asked)
