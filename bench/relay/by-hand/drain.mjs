import { randomUUID } from 'node:crypto'
import { connect } from '../../servers/postgres.mjs'
import { connectNats } from '../broker.mjs'
import { bulkPublisher } from '../bulk-publisher.mjs'
import { cloudEvents, leanMessages } from './messages.mjs'
import { RelayByHand } from './relay.mjs'
import { fill, tables } from './tables.mjs'

export const openLimit = (servers) => open(servers, 'by_hand', cloudEvents)
export const openLean = (servers) => open(servers, 'by_hand_lean', leanMessages)

async function open({ postgres, nats, broker }, schema, messages) {
  const stream = schema
  const pool = connect(postgres.connection, 4)
  const connection = await connectNats(nats.url)
  const publisher = bulkPublisher(connection)
  const pack = messages(stream, randomUUID())
  await pool.query(tables(schema))
  return {
    stream: async () => stream,
    ordered: true,
    fill: (count) => pool.query(fill(schema), [count]),
    /** The log keeps what was published, so only the stream is emptied. */
    renew: () => broker.make(stream),
    async drain(count, watch) {
      watch.start()
      const done = Promise.withResolvers()
      const onPublished = (published) => void (published === count && done.resolve())
      const relay = new RelayByHand({ pool, schema, publisher, pack, onPublished }).start()
      await Promise.race([done.promise, relay.running])
      watch.stop()
      await relay.stop()
    },
    async close() {
      publisher.close()
      await connection.close()
      await pool.end()
    },
  }
}
