import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { LogReader, StoredEvent } from '../../ports/event-store.ts'
import type { ContextStore } from '../../ports/store.ts'
import { commitTo, type HandlerTransaction, order, randomFrom, type Trial } from './harness.ts'

const writers = 16
const streams = 40

interface Shared {
  readonly store: ContextStore
  readonly begin: (() => Promise<HandlerTransaction>) | undefined
  readonly random: () => number
  /** Version of each stream as far as this process knows; a writer that loses reads it anew. */
  readonly versions: number[]
  readonly committed: Set<string>
  running: boolean
  /** All writers have ended; nothing is added to `committed` any more. */
  ended: boolean
}

/**
 * 16 writers on 40 streams, one event each time; where the storage has transactions, half of them write something first
 * and append in a later statement, 5 % of those pause up to 20 ms between, 2 % roll back. A reader follows meanwhile.
 */
export async function tryManyWriters(trial: Trial, durationMs: number, seed = 1): Promise<void> {
  const store = await trial.fresh()
  const { beginHandler } = trial.harness
  const shared: Shared = {
    store,
    begin: beginHandler && (() => beginHandler(store.context)),
    random: randomFrom(seed),
    versions: Array.from({ length: streams }, () => 0),
    committed: new Set(),
    running: true,
    ended: false,
  }
  const reading = follow(store.openLog(0), shared)
  const writing = Promise.all(Array.from({ length: writers }, (_, i) => write(shared, i)))
  await pause(durationMs)
  shared.running = false
  await writing
  shared.ended = true
  check(await reading, shared.committed)
}

async function write(shared: Shared, writer: number): Promise<void> {
  while (shared.running) {
    const stream = Math.floor(shared.random() * streams)
    const expected = shared.versions[stream] ?? 0
    const stored =
      shared.begin && writer % 2 === 0
        ? await handle(shared, shared.begin, stream, expected)
        : (await commitTo(shared.store, order(`s${stream}`), expected)).ok
    if (stored) {
      shared.committed.add(`s${stream}/${expected + 1}`)
      shared.versions[stream] = Math.max(shared.versions[stream] ?? 0, expected + 1)
    } else {
      const { version } = await shared.store.readStream(order(`s${stream}`), Number.MAX_SAFE_INTEGER)
      shared.versions[stream] = Math.max(shared.versions[stream] ?? 0, version)
    }
    // A store in memory would otherwise never let the clock run.
    if (shared.begin === undefined) await pause(0)
  }
}

async function handle(
  { random }: Shared,
  begin: () => Promise<HandlerTransaction>,
  stream: number,
  expected: number,
): Promise<boolean> {
  const transaction = await begin()
  await transaction.write()
  if (random() < 0.05) await pause(random() * 20)
  const appended = await transaction.append(order(`s${stream}`), expected)
  if (!appended || random() < 0.02) {
    await transaction.rollback()
    return false
  }
  await transaction.commit()
  return true
}

async function follow(reader: LogReader, shared: Shared): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = []
  for (let empty = 0; !shared.ended || (seen.length < shared.committed.size && empty < 500);) {
    const batch = await reader.next(200)
    seen.push(...batch)
    empty = batch.length > 0 ? 0 : empty + 1
    if (batch.length === 0) await pause(2)
  }
  seen.push(...(await reader.next(200)))
  return seen
}

function check(seen: readonly StoredEvent[], committed: ReadonlySet<string>): void {
  const last = new Map<string, number>()
  let position = 0
  for (const event of seen) {
    assert.ok(event.position > position, `position ${event.position} came after ${position}`)
    position = event.position
    const before = last.get(event.stream.id) ?? 0
    assert.equal(
      event.version,
      before + 1,
      `${event.stream.id}: version ${event.version} came after ${before}`,
    )
    last.set(event.stream.id, event.version)
    assert.ok(committed.has(`${event.stream.id}/${event.version}`), 'an event that nobody committed')
  }
  assert.equal(seen.length, committed.size)
  assert.ok(seen.length > 0)
}
