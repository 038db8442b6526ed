import { fault } from '../../kernel/errors/fault.ts'
import { systemWorld } from '../../host/system-world.ts'
import type { ParkedRecord } from '../../ports/parking.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { confirmLoss } from '../migrate/confirm.ts'
import { type Chosen, type Found, sequencesOf } from './chosen.ts'
import { recordJson } from './told.ts'

/** Under which name what was dropped is kept, as rows of a view: nothing else knows of it. */
const dropped = '$dropped'

/** How many leave the park in one commit. */
const most = 500

interface Dropping {
  readonly found: Found
  readonly records: readonly ParkedRecord[]
}

/**
 * Takes events out of the park for ever. The effect of a retry and the dropping of the same event exclude one another, so
 * whoever is later is told that it is not parked any more.
 */
export async function drop(chosen: Chosen, { options }: Given, around: Surroundings): Promise<number> {
  const position = positionOf(options['position'])
  const all = await Promise.all((await sequencesOf(chosen)).map(async (it) => droppingOf(it, position)))
  const some = all.filter(({ records }) => records.length > 0)
  if (some.length === 0) {
    around.err('Nothing of this is parked.\n')
    return exits.failed
  }
  await confirmLoss(some.map(textOf), options['yes'] === true)
  const gone: Dropping[] = []
  const late: Dropping[] = []
  for (const it of some) ((await take(it)) ? gone : late).push(it)
  tell({ gone, late }, options['json'] === true, around)
  return late.length === 0 ? exits.ok : exits.failed
}

function positionOf(given: string | boolean | undefined): number | undefined {
  if (given === undefined) return undefined
  const position = Number(given)
  if (Number.isSafeInteger(position) && position > 0) return position
  throw fault('DURE_CLI_USAGE', {
    problem: `${given} is not a position.`,
    usage: 'dure parked drop Order/0198… --position 42',
  })
}

async function droppingOf(found: Found, position: number | undefined): Promise<Dropping> {
  const { consumer, source, stream } = found.first
  const records = await found.store.readParked({ consumer, source, ...stream })
  const meant = records.filter((it) => position === undefined || it.position === position)
  return { found, records: meant }
}

function textOf({ found: { context, first }, records }: Dropping): string {
  const { consumer, stream } = first
  const which = records.length === 1 ? `event ${records[0]?.position}` : `${records.length} events`
  return `${context} ${consumer}: ${which} of ${stream.aggregate}/${stream.id} never handled`
}

/** From the last to the first, so that none of them is handled on the way; false where one was handled meanwhile. */
async function take({ found, records }: Dropping): Promise<boolean> {
  for (let end = records.length; end > 0; end -= most) {
    const some = records.slice(Math.max(0, end - most), end)
    const at = systemWorld.now()
    const id = systemWorld.newId()
    const rows = some.map((it) => ({ view: dropped, key: `${id}/${it.position}`, row: rowOf(it, at) }))
    const meta = { command: id, actor: 'dure parked drop', correlation: id }
    const outcome = await found.store.commit({ at, meta, appends: [], rows, unparks: some })
    if (!outcome.ok) return false
  }
  return true
}

function rowOf({ consumer, source, stream, position, code, reason, at }: ParkedRecord, now: Date) {
  const { tenant, aggregate, id } = stream
  const place = { consumer, source, tenant, aggregate, id, position }
  return { ...place, code, reason, parkedAt: at.toISOString(), droppedAt: now.toISOString() }
}

interface Result {
  readonly gone: readonly Dropping[]
  readonly late: readonly Dropping[]
}

function tell({ gone, late }: Result, json: boolean, { out, err, paint }: Surroundings): void {
  if (json) {
    const each = gone.flatMap(({ found: { context, first }, records }) =>
      records.map((it) => ({
        context,
        consumer: first.consumer,
        source: first.source,
        ...it.stream,
        ...recordJson(it),
      })),
    )
    out(`${JSON.stringify({ dropped: each }, null, 2)}\n`)
  } else for (const it of gone) out(`${paint('yellow', 'dropped')} ${textOf(it)}\n`)
  for (const { found } of late) {
    const { aggregate, id } = found.first.stream
    err(`${aggregate}/${id} has changed meanwhile: look again with dure parked show ${aggregate}/${id}\n`)
  }
}
