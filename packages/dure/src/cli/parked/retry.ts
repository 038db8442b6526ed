import { setTimeout as sleep } from 'node:timers/promises'
import { exits, type Surroundings } from '../command.ts'
import { type Chosen, type Found, sequencesOf } from './chosen.ts'
import { sequenceJson, sequenceText } from './told.ts'

/** How long is waited for a process that takes a request up: it looks each second. */
const patienceMs = 5000
const lookMs = 200

/** Asks for sequences to be tried, and tells what came of it where a process runs. */
export async function retry(chosen: Chosen, json: boolean, around: Surroundings): Promise<number> {
  const before = await sequencesOf(chosen)
  for (const { store } of chosen.contexts) await store.requestRetry(chosen.filter)
  const after = before.length === 0 ? [] : await answered(chosen)
  const waiting = after.filter(({ first }) => first.retry)
  const parked = after.filter(({ first }) => !first.retry)
  const handled = before.filter((it) => !after.some((other) => keyOf(it) === keyOf(other)))
  if (json) {
    const each = { handled, parked, waiting }
    const told = Object.entries(each).map(([name, some]) => [name, some.map(sequenceJson)])
    around.out(`${JSON.stringify(Object.fromEntries(told), null, 2)}\n`)
  } else tell({ handled, parked, waiting }, around)
  return parked.length === 0 && before.length > 0 ? exits.ok : exits.failed
}

async function answered(chosen: Chosen): Promise<readonly Found[]> {
  const until = Date.now() + patienceMs
  for (;;) {
    const left = await sequencesOf(chosen)
    // What is tried has lost its request before it has its answer.
    if (!left.some(({ first }) => first.retry)) {
      await sleep(lookMs * 2)
      return sequencesOf(chosen)
    }
    if (Date.now() > until) return left
    await sleep(lookMs)
  }
}

interface Answer {
  readonly handled: readonly Found[]
  readonly parked: readonly Found[]
  readonly waiting: readonly Found[]
}

function tell({ handled, parked, waiting }: Answer, { out, err, paint }: Surroundings): void {
  if (handled.length + parked.length + waiting.length === 0) return err('Nothing of this is parked.\n')
  if (handled.length > 0) out(`${paint('green', counted(handled.length))} handled.\n`)
  if (parked.length > 0) {
    out(`${paint('red', counted(parked.length))} still parked:\n`)
    for (const it of parked) out(sequenceText(it, new Date(), paint))
  }
  if (waiting.length === 0) return
  out(
    `${paint('yellow', counted(waiting.length))} asked for; no process has taken it up. It is tried when one starts.\n`,
  )
}

const counted = (count: number): string => (count === 1 ? '1 aggregate' : `${count} aggregates`)

function keyOf({ context, first: { consumer, source, stream } }: Found): string {
  return [context, consumer, source, stream.tenant, stream.aggregate, stream.id].join('\0')
}
