import assert from 'node:assert/strict'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { meterOf } from './readings.mjs'

export const connectNats = (url) => connect({ servers: url, noAsyncTraces: true, maxReconnectAttempts: -1 })

/** What the benchmark asks of the broker besides what it measures: streams made anew, and read to the end. */
export async function brokerAt(url) {
  const connection = await connectNats(url)
  const manager = await jetstreamManager(connection)
  const { streams } = manager
  const names = async () => (await streams.names().next()) ?? []

  return {
    /** A stream on files for `name.0`, `name.1`…, empty. */
    async make(name) {
      await this.drop(name)
      await streams.add({ name, subjects: [`${name}.*`], storage: 'file', num_replicas: 1 })
    },
    async drop(name) {
      if ((await names()).includes(name)) await streams.delete(name)
    },
    names,
    async count(name) {
      const { state } = await streams.info(name)
      return state.messages
    },
    /**
     * Throws unless the stream holds the readings from 0 up to `count`, each once, and with `ordered` those of a meter in
     * their order.
     */
    async prove(name, count, ordered) {
      const seen = new Set()
      const latest = new Map()
      const held = await this.count(name)
      for await (const body of bodiesOf(connection, name, held)) {
        const { reading } = body.data ?? body
        assert(!seen.has(reading), `${name}: reading ${reading} was published twice`)
        seen.add(reading)
        const meter = meterOf(reading)
        if (ordered) {
          assert((latest.get(meter) ?? -1) < reading, `${name}: ${meter} is out of order at ${reading}`)
        }
        latest.set(meter, reading)
      }
      assert.equal(seen.size, count, `${name}: readings published`)
      for (let i = 0; i < count; i++) assert(seen.has(i), `${name}: reading ${i} is missing`)
    },
    close: () => connection.close(),
  }
}

async function* bodiesOf(connection, stream, count) {
  if (count === 0) return
  const consumer = await jetstream(connection).consumers.get(stream)
  const messages = await consumer.consume({ max_messages: 2000 })
  let left = count
  for await (const message of messages) {
    yield message.json()
    if (--left === 0) break
  }
  await messages.close()
}
