import { jetstream } from '@nats-io/jetstream'
import { dataOf, meterOf, versionOf } from '../readings.mjs'

/** Publishes one event as code above a job queue does: with the client's own `publish`, acknowledged. */
export function publishEach(connection, stream) {
  const client = jetstream(connection)
  return ({ meter, version, data }) =>
    client.publish(`${stream}.${data.reading % 16}`, JSON.stringify({ meter, version, data }), {
      msgID: `${meter}/${version}`,
    })
}

/** What a job about a reading holds. */
export const jobOf = (reading) => ({
  meter: meterOf(reading),
  version: versionOf(reading),
  data: dataOf(reading),
})

/** Numbers from 0 in bunches, as `[from, to]`. */
export function* bunches(count, size) {
  for (let from = 0; from < count; from += size) yield [from, Math.min(count, from + size)]
}
