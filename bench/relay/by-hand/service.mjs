import { randomUUID } from 'node:crypto'
import { connect, raw } from '../../servers/postgres.mjs'
import { connectNats } from '../broker.mjs'
import { bulkPublisher } from '../bulk-publisher.mjs'
import { dataOf, meterOf, METERS, versionOf } from '../readings.mjs'
import { followReadings } from './consumer.mjs'
import { cloudEvents } from './messages.mjs'
import { RelayByHand } from './relay.mjs'
import { fillMeters, kept, tables } from './tables.mjs'

const POOL = 10

/**
 * A service by hand that appends readings, each by one statement with the version guarded; with `relayed` its relay
 * publishes them, woken in the process after each commit; with `heard` another context follows them over the broker.
 */
export async function openByHand({ postgres, nats, broker }, { schema, relayed = true, heard }) {
  const pool = connect(postgres.connection, POOL)
  await pool.query(tables(schema))
  await pool.query(fillMeters(schema))
  const append = { name: 'append', rowMode: 'array', types: raw, text: appendText(schema) }
  const ends = []
  let relay
  if (relayed) {
    const connection = await connectNats(nats.url)
    await broker.make(schema)
    // A relay, and whoever follows, has connections of its own: it must not queue behind the writers.
    const own = connect(postgres.connection, 2)
    const publisher = bulkPublisher(connection)
    const following =
      heard && (await followReadings({ connection, pool: own, schema, stream: schema, heard }))
    const pack = cloudEvents(schema, randomUUID())
    relay = new RelayByHand({ pool: own, schema, publisher, pack }).start()
    ends.push(
      () => relay.stop(),
      () => following?.close(),
      () => connection.close(),
      () => own.end(),
    )
  }
  return {
    stream: async () => schema,
    /** Resolves when the reading is durable. Those of a meter come one after the other. */
    async measure(reading) {
      const [meter, version] = [meterOf(reading), versionOf(reading)]
      const envelope = ['', 'Meter', reading % METERS, 1, 'bench', randomUUID(), randomUUID()]
      const values = [meter, version - 1, 'Measured', JSON.stringify(dataOf(reading)), ...envelope]
      const { rows } = await pool.query({ ...append, values })
      if (rows.length === 0) throw new Error(`${meter} is not at version ${version - 1} any more`)
      relay?.wake()
    },
    published: async () => relay?.published ?? 0,
    async close() {
      for (const end of ends) await end()
      await pool.end()
    },
  }
}

/** No row back means that somebody was faster. */
const appendText = (s) => `with s as (
  update ${s}.streams set version = $2::int + 1 where id = $1 and version = $2::int returning id, version),
e as (
  insert into ${s}.events (stream_id, version, type, data, ${kept.join(', ')})
  select id, version, $3, $4, ${kept.map((_, i) => `$${i + 5}`).join(', ')} from s returning position)
select position from e`
