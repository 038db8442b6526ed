import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import { connectNats } from '../broker.mjs'
import { dataOf, meterOf, METERS } from '../readings.mjs'
import { publishEach } from './publish-each.mjs'

const BATCH = 500

/**
 * Emmett's event store, whose consumer reads batches of its log and hands them to a reactor one by one; this one publishes
 * them. A reactor by batches is declared too (0.42), and never called.
 */
export async function openEmmett({ postgres, nats, broker }) {
  const stream = 'emmett'
  const store = getPostgreSQLEventStore(postgres.url)
  const connection = await connectNats(nats.url)
  const publish = publishEach(connection, stream)
  let drains = 0
  return {
    stream: async () => stream,
    ordered: true,
    async fill(count) {
      await store.schema.migrate()
      for (let meter = 0; meter < METERS; meter++) {
        const readings = Array.from({ length: count / METERS }, (_, i) => meter + i * METERS)
        const events = readings.map((it) => ({ type: 'Measured', data: dataOf(it) }))
        await store.appendToStream(meterOf(meter), events)
      }
    },
    renew: () => broker.make(stream),
    async drain(count, watch) {
      const done = Promise.withResolvers()
      let published = 0
      const consumer = store.consumer({ pulling: { batchSize: BATCH, pullingFrequencyInMs: 10 } })
      consumer.reactor({
        // One that has a checkpoint would go on from there.
        processorId: `relay-${drains++}`,
        startFrom: 'BEGINNING',
        async eachMessage({ data, metadata }) {
          await publish({ meter: metadata.streamName, version: Number(metadata.streamPosition), data })
          if (++published === count) done.resolve()
        },
      })
      watch.start()
      await Promise.race([done.promise, consumer.start()])
      watch.stop()
      // Closing it would end the pool that it shares with the store.
      await consumer.stop()
    },
    async close() {
      await store.close()
      await connection.close()
    },
  }
}
