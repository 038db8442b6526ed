import { exits, type Surroundings } from '../command.ts'
import { type Chosen, type Found, sequencesOf } from './chosen.ts'
import { consumerText, sequenceJson, sequenceText } from './told.ts'

/** Prints what waits, by policy and view. */
export async function list(chosen: Chosen, json: boolean, { out, paint }: Surroundings): Promise<number> {
  const found = await sequencesOf(chosen)
  if (json) out(`${JSON.stringify(found.map(sequenceJson), null, 2)}\n`)
  else if (found.length === 0) out('Nothing is parked.\n')
  else {
    const now = new Date()
    for (const some of byConsumer(found)) {
      out(`${consumerText(some[0] as Found, paint)}\n`)
      for (const it of some) out(sequenceText(it, now, paint))
    }
    out(paint('gray', 'dure parked show Aggregate/id prints the events.\n'))
  }
  return exits.ok
}

/** Sequences of one consumer and source, together. */
export function byConsumer(found: readonly Found[]): readonly (readonly Found[])[] {
  return [...Map.groupBy(found, consumerKey).values()]
}

function consumerKey({ context, first }: Found): string {
  return `${context}\0${first.consumer}\0${first.source}`
}
