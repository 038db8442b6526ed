import { listOffsetsV7 } from '@platformatic/kafka'
import type { Address } from '../address.ts'
import { textOfAddress, wholeOf } from '../cluster.ts'
import { errorName, isStale, StaleLeader } from '../error-codes.ts'
import type { Position } from './place.ts'
import type { TopicLog } from '../topic-log.ts'

const LATEST = -1n
const EARLIEST = -2n
const NOT_A_REPLICA = -1
const UNCOMMITTED = 0

/** Partitions by the broker that leads them. */
export function ledBy(leaders: readonly Address[], partitions: readonly number[]): Map<Address, number[]> {
  const groups = new Map<string, readonly [Address, number[]]>()
  for (const partition of partitions) {
    const leader = leaders[partition]
    if (leader === undefined) throw new StaleLeader(`nobody leads the partition ${partition}`)
    const group = groups.get(textOfAddress(leader))
    if (group === undefined) groups.set(textOfAddress(leader), [leader, [partition]])
    else group[1].push(partition)
  }
  return new Map(groups.values())
}

/** Where partitions begin or end now: behind everything that is acknowledged. @throws StaleLeader and what the cluster throws */
export async function offsetsOf(
  log: TopicLog,
  name: string,
  leaders: readonly Address[],
  which: 'first' | 'end',
  partitions: readonly number[] = leaders.map((_, partition) => partition),
): Promise<Map<number, Position>> {
  const found = new Map<number, Position>()
  const timestamp = which === 'end' ? LATEST : EARLIEST
  const asking = Array.from(ledBy(leaders, partitions), async ([leader, led]) => {
    const wanted = led.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }))
    const { topics } = await log.cluster.ask(leader, (connection) =>
      wholeOf(
        listOffsetsV7.api.async(connection, NOT_A_REPLICA, UNCOMMITTED, [{ name, partitions: wanted }]),
      ),
    )
    for (const { partitionIndex, errorCode, offset, leaderEpoch } of topics.flatMap((it) => it.partitions)) {
      if (isStale(errorCode))
        throw new StaleLeader(`the partition ${partitionIndex} of ${name} is led by another`)
      if (errorCode !== 0)
        throw log.cluster.unavailable(`the ends of ${name} cannot be read: ${errorName(errorCode)}`)
      // The epoch is that of the next message; of the one before nothing is known.
      found.set(partitionIndex, { offset, epoch: which === 'end' && offset > 0n ? leaderEpoch : -1 })
    }
  })
  await Promise.all(asking)
  return found
}
