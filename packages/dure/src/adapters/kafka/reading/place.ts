/** Where a reader stands in one partition. */
export interface Position {
  /** Of the next message. */
  readonly offset: bigint
  /** Of the leader that took the last message read, -1 for none: tells a log that has lost its end, and grown again. */
  readonly epoch: number
}

/** Where a reader stands in a topic. */
export interface Place {
  /** Of the topic: one that was made again has other messages under the same offsets. */
  readonly topicId: string
  readonly positions: readonly Position[]
}

const START: Position = { offset: 0n, epoch: -1 }

export const startOf = (topicId: string, partitions: number): Place => ({
  topicId,
  positions: Array.from({ length: partitions }, () => START),
})

/** `<id of the topic>~<offset>.<epoch>~…` in base 36; an epoch is left out where it is that of the partition before. */
export function placeText({ topicId, positions }: Place): string {
  let before = -1
  const parts = positions.map(({ offset, epoch }) => {
    const isAsBefore = epoch === before
    before = epoch
    return isAsBefore ? offset.toString(36) : `${offset.toString(36)}.${(epoch + 1).toString(36)}`
  })
  return [topicId.replaceAll('-', ''), ...parts].join('~')
}

/** The place that a text names in this topic; undefined for a place in another, or no place. */
export function placeOf(text: string, topicId: string, partitions: number): Place | undefined {
  const [id, ...parts] = text.split('~')
  if (id !== topicId.replaceAll('-', '') || parts.length !== partitions) return undefined
  const positions: Position[] = []
  let epoch = -1
  for (const part of parts) {
    const [, offset, since] = /^([0-9a-z]{1,12})(?:\.([0-9a-z]{1,7}))?$/.exec(part) ?? []
    if (offset === undefined) return undefined
    if (since !== undefined) epoch = Number.parseInt(since, 36) - 1
    positions.push({ offset: BigInt(Number.parseInt(offset, 36)), epoch })
  }
  return { topicId, positions }
}
