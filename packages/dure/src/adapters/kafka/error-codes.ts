import { protocolErrorsCodesById } from '@platformatic/kafka'

/** The errors of Kafka's protocol that mean something here, by their numbers. */
export const KafkaError = {
  OffsetOutOfRange: 1,
  UnknownTopicOrPartition: 3,
  LeaderNotAvailable: 5,
  NotLeaderOrFollower: 6,
  MessageTooLarge: 10,
  RecordListTooLarge: 18,
  TopicAuthorizationFailed: 29,
  ClusterAuthorizationFailed: 31,
  UnsupportedVersion: 35,
  TopicAlreadyExists: 36,
  InvalidPartitions: 37,
  InvalidReplicationFactor: 38,
  InvalidConfig: 40,
  PolicyViolation: 44,
  StorageError: 56,
  FencedLeaderEpoch: 74,
  UnknownLeaderEpoch: 75,
  OffsetNotAvailable: 78,
  UnknownTopicId: 100,
  InconsistentTopicId: 103,
} as const

/** What passes, or passes once the client has looked at where partitions are now. */
const stale = new Set<number>([
  KafkaError.UnknownTopicOrPartition,
  KafkaError.LeaderNotAvailable,
  KafkaError.NotLeaderOrFollower,
  KafkaError.StorageError,
  KafkaError.FencedLeaderEpoch,
  KafkaError.UnknownLeaderEpoch,
  KafkaError.OffsetNotAvailable,
  KafkaError.UnknownTopicId,
  KafkaError.InconsistentTopicId,
])

export const isStale = (code: number): boolean => stale.has(code)

/** As Kafka calls it: `NOT_ENOUGH_REPLICAS`. */
export function errorName(code: number): string {
  const names: Readonly<Record<number, string | undefined>> = protocolErrorsCodesById
  return names[code] ?? `error ${code}`
}

/** Thrown where a request went to where a partition is no longer, or not yet; never leaves the adapter. */
export class StaleLeader extends Error {
  override readonly name = 'StaleLeader'
}
