import type { ContextRuntime } from '../../app/context-runtime.ts'
import { readProcesses, type ProcessInfo } from '../../host/heartbeat.ts'
import { isTaskWell, tasksIn, type TaskStatus } from '../../engine/jobs/status.ts'
import type { System } from '../../model/system.ts'
import type { Storage, StorageWarning } from '../../ports/store.ts'
import type { Transport } from '../../ports/transport.ts'
import {
  goneOf,
  inboxOf,
  reachedIn,
  statusElsewhere,
  statusOf,
  type ConsumerStatus,
  type Inboxed,
} from './consumers.ts'
import { expectedElsewhere, expectedOf, openRuntimes } from './expected.ts'
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
  readonly jobs: readonly TaskStatus[]
}

/** A process that runs some of the system's contexts. */
export interface ProcessStatus extends ProcessInfo {
  readonly contexts: readonly string[]
}

/** Where a system stands, from its store and its broker alone. */
export interface SystemStatus {
  readonly system: string
  readonly at: Date
  /** Nothing is parked, waits for an epoch or is away, and no job or poller fails or has failed. */
  readonly well: boolean
  readonly store: { readonly name: string; readonly warnings: readonly StorageWarning[] }
  /** `null` where none is configured: contexts read each other's logs. */
  readonly broker: BrokerStatus | null
  readonly contexts: readonly ContextStatus[]
  /** Those that have said so in the last seconds, the oldest first. */
  readonly processes: readonly ProcessStatus[]
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
  const consumers = await consumersOf(system, runtimes, now)
  const broker = (await asked) ?? null
  const contexts = await Promise.all(
    runtimes.map(async (it): Promise<ContextStatus> => {
      const found = consumers.get(it.name) as Found
      const lease = await it.store.readLease('relay')
      const relay = lease && { holder: lease.holder, until: new Date(now().getTime() + lease.leftMs) }
      const told = transport !== undefined && broker?.error === null && publishes(it)
      const topic = told ? await topicOf(transport, system.name, it, found.settled) : null
      const jobs = await tasksIn(it.definition, it.store, { ...it.world, now })
      return { context: it.name, epoch: it.store.epoch, ...found, relay: relay ?? null, topic, jobs }
    }),
  )
  return {
    system: system.name,
    at: now(),
    well: (broker?.error ?? null) === null && contexts.every(isWell),
    store: { name: storage.name, warnings: storage.warnings ?? [] },
    broker,
    contexts,
    processes: await processesOf(runtimes),
  }
}

/** A process says in each of its contexts that it is there. */
async function processesOf(runtimes: readonly ContextRuntime[]): Promise<readonly ProcessStatus[]> {
  const each = await Promise.all(
    runtimes.map(async ({ name, store }) =>
      (await readProcesses(store)).map((process) => ({ process, context: name })),
    ),
  )
  const byId = Map.groupBy(each.flat(), ({ process }) => process.id)
  return Array.from(byId.values(), (some) => {
    const { process } = some[0] as (typeof some)[0]
    return { ...process, contexts: some.map((it) => it.context) }
  }).toSorted((a, b) => a.since.getTime() - b.since.getTime())
}

/** What the log of a context says of those who read it. */
interface Heard {
  readonly settled: number
  readonly reached: ReadonlyMap<Inboxed, Reached>
}

type Found = Pick<ContextStatus, 'settled' | 'consumers'>

/** By context: up to where its log is settled, and its own consumers, whatever they read. */
async function consumersOf(
  system: System,
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
    const foreign = expectedElsewhere(all.get(name) as ContextRuntime, system)
    const outside = await Promise.all(foreign.map((it) => statusElsewhere(it, sequences, now())))
    const gone = goneOf(own, foreign, sequences, now())
    const consumers = [...told, ...outside, ...gone]
    return [name, { settled: (heard.get(name) as Heard).settled, consumers }]
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

function isWell({ consumers, topic, jobs }: ContextStatus): boolean {
  const stuck = consumers.some(({ state, parked }) => state === 'waiting for epoch' || parked > 0)
  return !stuck && topic?.state !== 'failing' && jobs.every(isTaskWell)
}
