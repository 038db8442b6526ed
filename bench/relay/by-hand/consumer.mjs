import { jetstream } from '@nats-io/jetstream'
import { raw } from '../../servers/postgres.mjs'

/**
 * Follows a stream of readings by hand and keeps the latest of each meter in a row: what has come meanwhile is folded
 * together and stored by one statement with the marks that say what was handled. `heard` is called as a reading is folded.
 */
export async function followReadings({ connection, pool, schema, stream, heard }) {
  const read = {
    name: 'rows',
    rowMode: 'array',
    types: raw,
    text: `select key, body from ${schema}.rows where key = any($1)`,
  }
  const store = { name: 'store', text: storeText(schema) }
  const consumer = await jetstream(connection).consumers.get(stream)
  let waiting = []
  let busy = Promise.resolve()
  let isBusy = false

  const apply = async (events) => {
    const keys = [...new Set(events.map((it) => it.subject))]
    const { rows } = await pool.query({ ...read, values: [keys] })
    const found = new Map(rows.map(([key, body]) => [key, JSON.parse(body)]))
    const marks = new Map()
    for (const { subject, slice, position, data } of events) {
      heard(data.reading)
      const before = found.get(subject)
      found.set(subject, { id: subject, latest: data.reading, readings: (before?.readings ?? 0) + 1 })
      marks.set(slice, position)
    }
    const bodies = keys.map((key) => JSON.stringify(found.get(key)))
    const { rows: stored } = await pool.query({
      ...store,
      values: [keys, bodies, [...marks.keys()], [...marks.values()]],
    })
    if (Number(stored[0].moved) !== marks.size) throw new Error(`${stream}: a reading was handled twice`)
  }
  const pump = async () => {
    isBusy = true
    while (waiting.length > 0) await apply(waiting.splice(0, 500))
    isBusy = false
  }
  const messages = await consumer.consume({
    max_messages: 1000,
    callback(message) {
      waiting.push(message.json())
      // What has come in one piece is handled in one.
      if (!isBusy) {
        isBusy = true
        setImmediate(() => (busy = pump()))
      }
    },
  })
  return {
    async close() {
      await messages.close()
      await busy
      waiting = []
    },
  }
}

const storeText = (s) => `with r as (
  insert into ${s}.rows (key, body) select * from unnest($1::text[], $2::jsonb[])
  on conflict (key) do update set body = excluded.body),
m as (
  insert into ${s}.inbox (slice, position) select * from unnest($3::smallint[], $4::bigint[])
  on conflict (slice) do update set position = excluded.position where inbox.position < excluded.position
  returning 1)
select count(*) as moved from m`
