import type { ContextRuntime } from '../../app/context-runtime.ts'
import type { System } from '../../model/system.ts'
import type { Storage, StorageWarning } from '../../ports/store.ts'
import type { Transport } from '../../ports/transport.ts'
import { goneOf, inboxOf, reachedIn, statusOf, type ConsumerStatus, type Inboxed } from './consumers.ts'
import { expectedOf, openRuntimes } from './expected.ts'
import { settledMark } from './settled-mark.ts'
import { brokerOf, publishes, topicOf, type BrokerStatus, type TopicStatus } from './topics.ts'
import type { Reached } from './unmet.ts'

/** Who publishes the events of a context, by the lease of its relay. */
export interface RelayStatus {
  readonly holder: string
  /** By the clock of this process. */
  readonly until: Date
}

/** Where one context stands. */
export interface ContextStatus {
  readonly context: string
  readonly epoch: string
  /** Up to this position the log is settled: nothing will come at or before it any more. */
  readonly settled: number
  readonly consumers: readonly ConsumerStatus[]
  /** `null` where nobody has the lease of the relay. */
  readonly relay: RelayStatus | null
  /** `null` where there is no broker, or it is away, or the context publishes nothing. */
  readonly topic: TopicStatus | null
}

/** Where a system stands, from its store and its broker alone. */
export interface SystemStatus {
  readonly system: string
  readonly at: Date
  /** Nothing is parked, waits for an epoch or is away. */
  readonly well: boolean
  readonly store: { readonly name: string; readonly warnings: readonly StorageWarning[] }
  /** `null` where none is configured: contexts read each other's logs. */
  readonly broker: BrokerStatus | null
  readonly contexts: readonly ContextStatus[]
}

/** Looks at everything that a system has stored. Nothing is hosted, and no process is asked. */
export async function gatherStatus(
  system: System,
  storage: Storage,
  transport: Transport | undefined,
  now: () => Date,
): Promise<SystemStatus> {
  const asked = transport && brokerOf(transport)
  const runtimes = await openRuntimes(system, storage)
  const consumers = await consumersOf(runtimes, now)
  const broker = (await asked) ?? null
  const contexts = await Promise.all(
    runtimes.map(async (it): Promise<ContextStatus> => {
      const found = consumers.get(it.name) as Found
      const lease = await it.store.readLease('relay')
      const relay = lease && { holder: lease.holder, until: new Date(now().getTime() + lease.leftMs) }
      const told = transport !== undefined && broker?.error === null && publishes(it)
      const topic = told ? await topicOf(transport, system.name, it, found.settled) : null
      return { context: it.name, epoch: it.store.epoch, ...found, relay: relay ?? null, topic }
    }),
  )
  return {
    system: system.name,
    at: now(),
    well: (broker?.error ?? null) === null && contexts.every(isWell),
    store: { name: storage.name, warnings: storage.warnings ?? [] },
    broker,
    contexts,
  }
}

/** What the log of a context says of those who read it. */
interface Heard {
  readonly settled: number
  readonly reached: ReadonlyMap<Inboxed, Reached>
}

type Found = Pick<ContextStatus, 'settled' | 'consumers'>

/** By context: up to where its log is settled, and its own consumers, whatever they read. */
async function consumersOf(
  runtimes: readonly ContextRuntime[],
  now: () => Date,
): Promise<ReadonlyMap<string, Found>> {
  const all = new Map(runtimes.map((it) => [it.name, it]))
  const inboxes = await Promise.all(runtimes.flatMap((it) => expectedOf(it, all)).map(inboxOf))
  const heard = new Map<string, Heard>()
  for (const it of runtimes) heard.set(it.name, await heardOf(it, inboxes))
  const found = runtimes.map(async ({ name, store }): Promise<readonly [string, Found]> => {
    const sequences = await store.readParkedSequences()
    const own = inboxes.filter((it) => it.expected.context === name)
    const told = own.map((it) => {
      const { settled, reached } = heard.get(it.expected.source.name) as Heard
      return statusOf(it, reached.get(it), settled, sequences, now())
    })
    const gone = goneOf(own, sequences, now())
    return [name, { settled: (heard.get(name) as Heard).settled, consumers: [...told, ...gone] }]
  })
  return new Map(await Promise.all(found))
}

async function heardOf(source: ContextRuntime, inboxes: readonly Inboxed[]): Promise<Heard> {
  const reached = await reachedIn(
    source,
    inboxes.filter((it) => it.expected.source === source),
  )
  const foremost = Math.max(0, ...Array.from(reached.values(), (it) => it.through))
  return { reached, settled: await settledMark(source.store, foremost) }
}

function isWell({ consumers, topic }: ContextStatus): boolean {
  const stuck = consumers.some(({ state, parked }) => state === 'waiting for epoch' || parked > 0)
  return !stuck && topic?.state !== 'failing'
}
