import { createTopicsV7, describeConfigsV4, metadataV12 } from '@platformatic/kafka'
import type { DureError } from '../../kernel/error.ts'
import type { Address } from './address.ts'
import { type Cluster, wholeOf } from './cluster.ts'
import { errorName, isStale, KafkaError, StaleLeader } from './error-codes.ts'
import { signalsName } from './topic-name.ts'
import { askedForSignals, type TopicSettings, unsuitable } from './topic-settings.ts'
import { pause } from './timers.ts'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 500
/** With the pauses between them about 20 s: so long a cluster may take to agree on who leads, and to make many partitions. */
const TRIES = 44
const CREATE_MS = 8000
const TOPIC = 2
const NOWHERE = '00000000-0000-0000-0000-000000000000'

/** A topic as it stands in the cluster. */
export interface TopicState {
  /** Stays through restarts, and is another one when the topic is made again. */
  readonly id: string
  readonly settings: TopicSettings
  /** Who leads each partition. */
  readonly leaders: readonly Address[]
  /** The topic of its signals; absent where there is none. */
  readonly signals: { readonly id: string; readonly leader: Address } | undefined
}

type Sight = TopicState | 'missing' | 'unready'

/** A topic of Kafka with the topic of its signals: makes them, checks them, and knows who leads them. */
export class TopicLog {
  readonly name: string
  readonly signals: string
  readonly asked: TopicSettings
  readonly cluster: Cluster
  #state: TopicState | undefined

  constructor(cluster: Cluster, name: string, asked: TopicSettings) {
    this.cluster = cluster
    this.name = name
    this.signals = signalsName(name)
    this.asked = asked
  }

  /** As last seen. */
  get seen(): TopicState | undefined {
    return this.#state
  }

  /** What was seen is no longer so, or may be. */
  forget(): void {
    this.#state = undefined
  }

  /**
   * Makes the topic if it is not there, and holds what is there against what is asked for.
   * @throws DURE_TRANSPORT_UNAVAILABLE, DURE_TRANSPORT_UNSUITABLE, DURE_TRANSPORT_CLOSED
   */
  async ensure(): Promise<TopicState> {
    const found = await this.#settled(() => this.#create())
    if (found === undefined)
      throw this.cluster.unavailable(`the topic ${this.name} was made, and is not to be seen yet`)
    return found
  }

  /** The topic as it stands, held against what is asked for; undefined where it is not there. @throws as `ensure` */
  find(): Promise<TopicState | undefined> {
    return this.#settled()
  }

  /**
   * Does work with the topic as it was last seen, and again with another look where it stood elsewhere.
   * @throws DURE_TRANSPORT_UNAVAILABLE and what `ensure` and the work throw
   */
  async with<T>(work: (state: TopicState) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work(this.#state ?? (await this.ensure()))
      } catch (error) {
        this.forget()
        if (!(error instanceof StaleLeader)) throw error
        if (tries === TRIES) throw this.cluster.unavailable(error.message, error)
        await pause(this.cluster.timers, pauseOf(tries))
      }
    }
  }

  async #settled(onMissing?: () => Promise<void>): Promise<TopicState | undefined> {
    for (let tries = 1; tries <= TRIES; tries++) {
      const found = await this.#look()
      if (typeof found === 'object') return (this.#state = found)
      if (found === 'missing') {
        if (onMissing === undefined) return undefined
        await onMissing()
      }
      await pause(this.cluster.timers, pauseOf(tries))
      this.cluster.checkOpen()
    }
    if (onMissing === undefined) throw this.cluster.unavailable(`a partition of ${this.name} has no leader`)
    return undefined
  }

  async #look(): Promise<Sight> {
    const { cluster } = this
    const { brokers, topics } = await cluster.askAny((connection) =>
      wholeOf(metadataV12.api.async(connection, [this.name, this.signals], false, false)),
    )
    cluster.know(brokers)
    const topic = topics.find((it) => it.name === this.name)
    if (topic === undefined || topic.errorCode === KafkaError.UnknownTopicOrPartition) return 'missing'
    if (isStale(topic.errorCode)) return 'unready'
    if (topic.errorCode !== 0) throw this.#refused(topic.errorCode, null)
    const byNode = new Map(brokers.map((it) => [it.nodeId, it]))
    const leaders: Address[] = []
    for (const { partitionIndex, leaderId } of topic.partitions) {
      const leader = byNode.get(leaderId)
      if (leader === undefined) return 'unready'
      leaders[partitionIndex] = leader
    }
    const settings: TopicSettings = {
      partitions: topic.partitions.length,
      replicas: Math.min(...topic.partitions.map((it) => it.replicaNodes.length)),
      config: await this.#config(),
    }
    const problem = unsuitable(settings, this.asked)
    if (problem !== undefined) throw cluster.unsuitable(`the topic ${this.name}: ${problem}`)
    const beside = topics.find((it) => it.name === this.signals && it.errorCode === 0)
    const signalsLeader = byNode.get(beside?.partitions[0]?.leaderId ?? -1)
    const signals = beside && signalsLeader && { id: beside.topicId, leader: signalsLeader }
    return topic.topicId === NOWHERE ? 'unready' : { id: topic.topicId, settings, leaders, signals }
  }

  async #config(): Promise<Readonly<Record<string, string>>> {
    const { results } = await this.cluster.askAny((connection) =>
      wholeOf(describeConfigsV4.api.async(connection, [{ resourceType: TOPIC, resourceName: this.name }])),
    )
    const [result] = results
    if (result === undefined || isStale(result.errorCode)) return {}
    if (result.errorCode !== 0) throw this.#refused(result.errorCode, result.errorMessage)
    return Object.fromEntries(result.configs.map(({ name, value }) => [name, value ?? '']))
  }

  async #create(): Promise<void> {
    const topics = [
      topicOf(this.name, this.asked),
      topicOf(this.signals, askedForSignals(this.asked.replicas)),
    ]
    const { topics: made } = await this.cluster.askAny((connection) =>
      wholeOf(createTopicsV7.api.async(connection, topics, CREATE_MS, false)),
    )
    const failed = made.find((it) => it.name === this.name && it.errorCode !== 0)
    if (
      failed === undefined ||
      failed.errorCode === KafkaError.TopicAlreadyExists ||
      isStale(failed.errorCode)
    )
      return
    throw this.#refused(failed.errorCode, failed.errorMessage)
  }

  #refused(code: number, said: string | null | undefined): DureError {
    const reason = `the topic ${this.name}: ${said ?? errorName(code)}`
    switch (code) {
      case KafkaError.InvalidPartitions:
      case KafkaError.InvalidReplicationFactor:
      case KafkaError.InvalidConfig:
      case KafkaError.PolicyViolation:
        return this.cluster.unsuitable(reason)
      case KafkaError.TopicAuthorizationFailed:
      case KafkaError.ClusterAuthorizationFailed:
        return this.cluster.unavailable(
          `${reason}; the user needs Describe, DescribeConfigs, Read, Write and, to make it, Create`,
        )
      default:
        return this.cluster.unavailable(reason)
    }
  }
}

const topicOf = (name: string, { partitions, replicas, config }: TopicSettings) => ({
  name,
  numPartitions: partitions,
  replicationFactor: replicas,
  assignments: [],
  configs: Object.entries(config).map(([name, value]) => ({ name, value })),
})

const pauseOf = (tries: number): number => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1))
