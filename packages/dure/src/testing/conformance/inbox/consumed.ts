import type { InboxMove } from '../../../ports/event-store.ts'
import type { ParkedMessage, ParkedRecord } from '../../../ports/parking.ts'
import { noon, order } from '../harness.ts'

/** A move of the consumer `policy` of `Ordering`. */
export function move(slices: InboxMove['slices'], through: number, rest: Partial<InboxMove> = {}): InboxMove {
  return { consumer: 'policy', source: 'Ordering', epoch: 'e1', slices, through, ...rest }
}

/** A message that the consumer `policy` of `Ordering` parks. */
export function parked(id: string, position: number, rest: Partial<ParkedMessage> = {}): ParkedMessage {
  return {
    consumer: 'policy',
    source: 'Ordering',
    stream: order(id),
    position,
    code: 'DURE_X',
    reason: 'cannot',
    tries: 1,
    ...rest,
  }
}

/** What is read of a message that `unit` has parked. */
export function kept(message: ParkedMessage, rest: Partial<ParkedRecord> = {}): ParkedRecord {
  return { ...message, at: noon, triedAt: noon, retry: false, ...rest }
}
