/** How many partitions a topic has where nothing else is said. Part of the wire contract of a system. */
export const PARTITIONS = 16

/** A message for a topic: opaque to the transport, but for where it goes. */
export interface OutMessage {
  /** 0 to `partitions` - 1. Order is kept within one. */
  readonly partition: number
  /**
   * The same whenever the same message is published again; a transport may drop a repetition by it, and need not. 1 to 255
   * bytes of text without control characters, and without spaces at its ends.
   */
  readonly id: string
  /** A CloudEvents 1.0 event in JSON, as text; the transport does not look into it. */
  readonly body: string
}

/** A message as it is read. */
export interface InMessage {
  readonly kind: 'message'
  readonly partition: number
  readonly body: string
}

/** What need not be kept: only the newest counts, and it may be lost. */
export interface Signal {
  readonly kind: 'signal'
  readonly body: string
}

/** What a transport can tell of itself and of a topic, for health and for the operator. */
export interface TransportWarning {
  /** `replicas`, `storage`, `sync interval`… */
  readonly setting: string
  readonly found: string
  readonly advice: string
}

/**
 * A partitioned log in a broker: messages are kept for days, read by position and not taken away by who reads them. The
 * truth stays in the log of the context; a topic that is lost or wiped is filled again from there. Acknowledging, retrying
 * and parking are the reader's. A topic that was lost is made again by whichever call notices; if meanwhile somebody has
 * made it in another way, calls reject with DURE_TRANSPORT_UNSUITABLE, as opening it does.
 */
export interface Topic {
  readonly name: string
  readonly partitions: number
  /** The largest body that can be published now, in bytes of UTF-8. A broker may be set up anew meanwhile. */
  readonly maxBytes: number
  /** What about the topic, as it stands in the broker, is less than a production system should have. */
  readonly warnings: readonly TransportWarning[]
  /**
   * Stores messages, those of one partition in their order; resolves when the broker has acknowledged all of them. When it
   * rejects as unavailable, any of them may have been stored, also without those before it: publish all of them again, and
   * the last of each are in order. When it rejects for another reason, none was. Calls at once are in no order.
   * @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED, DURE_MESSAGE_UNPUBLISHABLE, DURE_MESSAGE_TOO_LARGE
   */
  publish(messages: readonly OutMessage[]): Promise<void>
  /**
   * The last message of each partition that has one, in the order of the partitions. Includes every message whose `publish`
   * has resolved, in whatever process.
   * @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED
   */
  last(): Promise<readonly InMessage[]>
  /** Tells whoever reads the topic now, in any process; never waited for, never throws, and may be lost. */
  signal(body: string): void
  /**
   * Reads all partitions. `after`: a `place` of an earlier reader, or `end` for what is published once this has resolved. A
   * place that the broker no longer knows (wiped, or expired), or that is no place, means from the first message that it
   * still keeps.
   * @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED
   */
  read(after: { readonly place: string } | 'end'): Promise<TopicReader>
}

/**
 * Reads on by itself through broken connections and restarts of the broker. Promises: messages of one partition come in
 * the order in which the broker keeps them, each at least once; one that follows a message already read is not skipped
 * while the broker keeps it. After the broker was wiped it goes on with the first message of the new topic.
 */
export interface TopicReader {
  /**
   * What has come, at least one; waits for it. Empty only when the reader, or its transport, is closed. Of signals that have
   * come since the last call only the newest is there. One call at a time; however rare the calls, only a bounded number
   * of messages is read ahead.
   * @throws DURE_TRANSPORT_UNAVAILABLE if the connection was given up for good, so that waiting is in vain
   */
  next(): Promise<readonly (InMessage | Signal)[]>
  /** Where a later reader goes on to see what follows everything that `next` has returned. Short, ASCII and opaque. */
  readonly place: string
  /** Ends a `next` that waits. */
  close(): Promise<void>
}

/** A broker, as the bus between contexts needs it. */
export interface Transport {
  /** Short and human: `memory`, `nats broker.internal:4222`. Never holds a password. */
  readonly name: string
  /**
   * Opens a topic; makes it if it is not there, and refuses one that is set up in a way that would lose messages, or with
   * another number of partitions. `name`: letters, digits, `_`, `-` and `.`, at most 200 bytes. `partitions`: 1 to 1024.
   * @throws DURE_TOPIC_INVALID, DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED
   */
  openTopic(name: string, partitions?: number): Promise<Topic>
  /**
   * As `openTopic`, for a look: makes nothing, and resolves to undefined where there is no such topic.
   * @throws what `openTopic` throws
   */
  findTopic(name: string, partitions?: number): Promise<Topic | undefined>
  /** Resolves when the broker answers. @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_CLOSED */
  ping(): Promise<void>
  /** Closes its readers too. Everything but `close` says DURE_TRANSPORT_CLOSED from then on. */
  close(): Promise<void>
}
