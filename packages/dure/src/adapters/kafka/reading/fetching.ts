import { type Connection, fetchV13, type RecordsBatch } from '@platformatic/kafka'
import { type Cluster, wholeOf } from '../cluster.ts'
import { errorName, isStale, KafkaError, StaleLeader } from '../error-codes.ts'
import type { Position } from './place.ts'

const UNCOMMITTED = 0
const NO_SESSION = -1
const NO_RACK = ''

/** A partition to fetch from, and where. */
export interface Wanted {
  readonly topicId: string
  readonly partition: number
  readonly position: Position
}

/** What a broker said of a partition: what it has, or that it has nothing at that offset. */
export interface Found {
  readonly topicId: string
  readonly partition: number
  readonly batches: readonly RecordsBatch[]
  /** Up to where its log is the one that was read before; absent where it is. */
  readonly divergedAt: Position | undefined
  /** Nothing is kept at this offset: it expired, or was lost. */
  readonly isOutOfRange: boolean
}

export interface FetchBounds {
  /** How long the broker may wait for something to come. */
  readonly waitMs: number
  /** At least one batch comes, however large. */
  readonly bytes: number
  readonly partitionBytes: number
}

/** Fetches from partitions that one broker leads. @throws StaleLeader, DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED */
export async function fetchFrom(
  cluster: Cluster,
  connection: Connection,
  wanted: readonly Wanted[],
  { waitMs, bytes, partitionBytes }: FetchBounds,
): Promise<readonly Found[]> {
  const topics = Map.groupBy(wanted, (it) => it.topicId)
  const asked = Array.from(topics, ([topicId, partitions]) => ({
    topicId,
    partitions: partitions.map(({ partition, position }) => ({
      partition,
      currentLeaderEpoch: -1,
      fetchOffset: position.offset,
      lastFetchedEpoch: position.epoch,
      partitionMaxBytes: partitionBytes,
    })),
  }))
  const answer = await cluster.answerOf(
    wholeOf(fetchV13.api.async(connection, waitMs, 1, bytes, UNCOMMITTED, 0, NO_SESSION, asked, [], NO_RACK)),
  )
  if (answer.errorCode !== 0) throw refusal(cluster, answer.errorCode)
  return answer.responses.flatMap(({ topicId, partitions }) =>
    partitions.map(({ partitionIndex, errorCode, records, divergingEpoch }): Found => {
      const isOutOfRange = errorCode === KafkaError.OffsetOutOfRange
      if (errorCode !== 0 && !isOutOfRange) throw refusal(cluster, errorCode)
      const has = divergingEpoch !== undefined && divergingEpoch.endOffset >= 0n
      const divergedAt = has ? { offset: divergingEpoch.endOffset, epoch: divergingEpoch.epoch } : undefined
      return { topicId, partition: partitionIndex, batches: records ?? [], divergedAt, isOutOfRange }
    }),
  )
}

function refusal(cluster: Cluster, code: number): Error {
  if (isStale(code)) return new StaleLeader('partitions are led by another broker, or the topic is gone')
  const needs = code === KafkaError.TopicAuthorizationFailed ? '; the user needs Read' : ''
  return cluster.unavailable(`messages cannot be fetched: ${errorName(code)}${needs}`)
}
