import type { InMessage } from '../../../ports/transport.ts'
import { fetchFrom, type Wanted } from './fetching.ts'
import { ledBy, offsetsOf } from './offsets.ts'
import { bodiesOf } from './records.ts'
import type { TopicLog, TopicState } from '../topic-log.ts'
import { batchLimitOf } from '../topic-settings.ts'

const MOST_BYTES = 32 * 1024 * 1024

/** The last message of each partition that has one, in the order of partitions. @throws as `fetchFrom` */
export async function lastMessages(log: TopicLog, state: TopicState): Promise<InMessage[]> {
  const ends = await offsetsOf(log, log.name, state.leaders, 'end')
  const filled = [...ends].filter(([, { offset }]) => offset > 0n).map(([partition]) => partition)
  const bounds = { waitMs: 0, bytes: MOST_BYTES, partitionBytes: batchLimitOf(state.settings) + 1024 }
  const asking = Array.from(ledBy(state.leaders, filled), async ([leader, led]) => {
    const found: InMessage[] = []
    // A broker answers for as many as fit, and for at least one.
    for (let open = led; open.length > 0;) {
      const answered = new Set<number>()
      const wanted = open.map((partition): Wanted => {
        const position = { offset: (ends.get(partition)?.offset ?? 1n) - 1n, epoch: -1 }
        return { topicId: state.id, partition, position }
      })
      const answer = await log.cluster.ask(leader, (connection) =>
        fetchFrom(log.cluster, connection, wanted, bounds),
      )
      for (const { partition, batches, isOutOfRange } of answer) {
        const from = wanted.find((it) => it.partition === partition)?.position
        if (from === undefined || (batches.length === 0 && !isOutOfRange)) continue
        answered.add(partition)
        // Out of range: what was there has expired.
        const body = bodiesOf(batches, from).bodies.at(-1)
        if (body !== undefined) found.push({ kind: 'message', partition, body })
      }
      if (answered.size === 0) break
      open = open.filter((it) => !answered.has(it))
    }
    return found
  })
  return (await Promise.all(asking)).flat().toSorted((a, b) => a.partition - b.partition)
}
