import type { RecordsBatch } from '@platformatic/kafka'
import type { Position } from './place.ts'

const CONTROL = 1 << 5

/** The bodies of batches from an offset on, and where that leaves a reader. Batches are read whole: some may lie before it. */
export function bodiesOf(
  batches: readonly RecordsBatch[],
  from: Position,
): { readonly bodies: readonly string[]; readonly bytes: number; readonly position: Position } {
  const bodies: string[] = []
  let bytes = 0
  let position = from
  for (const batch of batches) {
    const next = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    if (next <= position.offset) continue
    // Marks of transactions are no messages.
    const records = (batch.attributes & CONTROL) === 0 ? batch.records : []
    for (const { offsetDelta, value } of records) {
      if (batch.firstOffset + BigInt(offsetDelta) < position.offset) continue
      bodies.push(value?.toString() ?? '')
      bytes += value?.length ?? 0
    }
    position = { offset: next, epoch: batch.partitionLeaderEpoch }
  }
  return { bodies, bytes, position }
}
