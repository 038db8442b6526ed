import { createHost, systemWorld } from 'dure/host'
import { natsTransport } from 'dure/nats'
import { postgresStorage } from 'dure/postgres'
import { closedLoop } from '../harness/load.mjs'
import { connect } from '../servers/postgres.mjs'
import { connectNats } from './broker.mjs'
import { metering } from './model.mjs'
import { dataOf, meterOf, METERS } from './readings.mjs'

const POOL = 10

/** A host of the metering system on the servers; with `bus`, over the broker. */
export async function openHost(
  { postgres, nats, broker },
  { name, heard, bus = true, watched = (it) => it },
) {
  const pool = connect(postgres.connection, POOL)
  const storage = postgresStorage({ pool, ownsPool: true })
  const connection = bus ? await connectNats(nats.url) : undefined
  const host = await createHost(metering(name, heard), {
    storage,
    ...(bus && { transport: watched(natsTransport({ connection, ownsConnection: true })) }),
  })
  const send = async (command, input) => {
    const id = systemWorld.newId()
    const envelope = { id, actor: 'bench', tenant: '', correlation: id }
    const reply = await host.application.command({ context: name, command, input, envelope })
    if (!reply.ok) throw new Error(`${command} was rejected: ${reply.rejected}`)
    return reply
  }
  return {
    host,
    stream: () => streamOf(broker, name),
    install: (reading) => send('install', { number: meterOf(reading), ...dataOf(reading) }),
    measure: (reading) => send('measure', { id: meterOf(reading), ...dataOf(reading) }),
    importReadings: (first, count) =>
      send('importReadings', { id: meterOf(first), first, step: METERS, count }),
    close: () => host.close(),
  }
}

/** The stream that the readings of a context stand in, if it is there. */
async function streamOf(broker, name) {
  const found = (await broker.names()).filter((it) => it.toLowerCase().includes(name.toLowerCase()))
  if (found.length > 1) throw new Error(`several streams could be that of ${name}: ${found.join(', ')}`)
  return found[0]
}

/** Dure's relay on a log that is full. */
export async function openDure(servers) {
  const name = 'Metering'
  const { broker } = servers
  return {
    ordered: true,
    stream: () => streamOf(broker, name),
    async fill(count) {
      const it = await openHost(servers, { name, bus: false })
      await closedLoop((i) => it.install(i), { count: METERS, width: 16 })
      // Of each meter all others, a few at a time.
      const [step, each] = [10, count / METERS - 1]
      const bunches = Math.ceil(each / step)
      for (let bunch = 0; bunch < bunches; bunch++) {
        const from = 1 + bunch * step
        const size = Math.min(step, each + 1 - from)
        await closedLoop((i) => it.importReadings(from * METERS + i, size), { count: METERS, width: 16 })
      }
      await it.close()
    },
    async renew() {
      const stream = await streamOf(broker, name)
      if (stream !== undefined) await broker.drop(stream)
    },
    async drain(count, watch) {
      const done = Promise.withResolvers()
      let published = 0
      const watched = watchedTransport({
        onBegin: () => watch.start(),
        onPublished(messages) {
          published += messages
          if (published === count) done.resolve()
        },
      })
      const it = await openHost(servers, { name, watched })
      await done.promise
      watch.stop()
      await it.close()
    },
    close: async () => undefined,
  }
}

/** Tells when a relay asks where its topic ends, which is how it begins, and when messages have been acknowledged. */
function watchedTransport({ onBegin, onPublished }) {
  return (transport) => ({
    ...transport,
    async openTopic(...args) {
      const topic = await transport.openTopic(...args)
      return {
        name: topic.name,
        partitions: topic.partitions,
        maxBytes: topic.maxBytes,
        warnings: topic.warnings,
        async publish(messages) {
          await topic.publish(messages)
          onPublished(messages.length)
        },
        last() {
          onBegin()
          return topic.last()
        },
        signal: (body) => topic.signal(body),
        read: (after) => topic.read(after),
      }
    },
  })
}
