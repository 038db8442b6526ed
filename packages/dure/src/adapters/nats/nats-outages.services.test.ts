import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { connectTo } from '../../../test/fixtures/nats-broker.ts'
import { NatsServer } from '../../../test/fixtures/nats-server.ts'
import type { Topic, Transport } from '../../ports/transport.ts'
import { Following } from '../../testing/conformance/transport/following.ts'
import {
  bodies,
  coded,
  counted,
  eventually,
  freshTopic,
  out,
} from '../../testing/conformance/transport/transport-harness.ts'
import { natsTransport } from './index.ts'

describe.each(['current', '2.9'] as const)('a broker of version %s that is hurt', (version) => {
  let server: NatsServer
  let connection: NatsConnection
  let manager: JetStreamManager
  let transport: Transport
  let topic: Topic
  let stream: string

  beforeEach(async () => {
    server = await NatsServer.start('jetstream', version)
    connection = await connectTo(server.url)
    manager = await jetstreamManager(connection)
    transport = natsTransport({ connection })
    topic = await transport.openTopic(freshTopic(), 2)
    stream = topic.name.replaceAll('.', '~')
  })

  afterEach(async () => {
    await transport?.close()
    await connection?.close()
    await server?.end()
  })

  it('is stopped for 10 s while messages are published', { timeout: 60_000 }, async () => {
    const reader = new Following(await topic.read('end'))
    const over = new AbortController()
    let sent = 0
    let refused = 0
    const publishing = (async () => {
      while (!over.signal.aborted) {
        const batch = counted(0, sent + 1, sent + 500)
        await topic.publish(batch).then(
          () => (sent += 500),
          async (error: unknown) => {
            refused += 1
            await assert.rejects(() => Promise.reject(error), coded('DURE_TRANSPORT_UNAVAILABLE'))
            await pause(100)
          },
        )
        await pause(1)
      }
    })()
    await reader.linger(500)
    await server.kill()
    await reader.linger(10_000)
    assert.ok(refused > 20, `${refused} batches were refused`)
    await server.start('jetstream')
    await reader.linger(1000)
    over.abort()
    await publishing
    await reader.until(() => reader.messages.some((it) => it.body === `0/${sent}`))
    const read = bodies(reader.messages)
    assert.equal(new Set(read).size, sent)
    assert.deepEqual(
      [...new Set(read.toReversed())].toReversed(),
      counted(0, 1, sent).map((it) => it.body),
    )
  })

  it('hangs: publishing says so, the reader goes on afterwards', { timeout: 60_000 }, async () => {
    const reader = new Following(await topic.read('end'))
    await topic.publish(counted(0, 1, 10))
    await reader.count(10)
    server.signal('SIGSTOP')
    await pause(200)
    await assert.rejects(() => topic.publish(counted(0, 11, 20)), coded('DURE_TRANSPORT_UNAVAILABLE'))
    await assert.rejects(() => topic.last(), coded('DURE_TRANSPORT_UNAVAILABLE'))
    // Longer than heartbeats may be missed.
    await reader.linger(8000)
    server.signal('SIGCONT')
    await eventually(() => topic.publish(counted(0, 11, 20)))
    await reader.until(() => reader.messages.at(-1)?.body === '0/20')
    assert.equal(new Set(bodies(reader.messages)).size, 20)
  })

  it('has its stream deleted under readers and publishers', async () => {
    const reader = new Following(await topic.read('end'))
    await topic.publish(counted(0, 1, 50))
    await reader.count(50)
    await manager.streams.delete(stream)
    await topic.publish(counted(1, 1, 70))
    await reader.until(() => reader.messages.at(-1)?.body === '1/70')
    assert.equal(reader.messages.length, 120)
    assert.deepEqual(bodies(await topic.last()), ['1/70'])
  })

  it('has its stream deleted and made again, past where the reader was', async () => {
    const reader = new Following(await topic.read('end'))
    await topic.publish(counted(0, 1, 50))
    await reader.count(50)
    const { config } = await manager.streams.info(stream)
    await manager.streams.delete(stream)
    await manager.streams.add(config)
    await topic.publish(counted(1, 1, 90))
    await reader.until(() => reader.messages.at(-1)?.body === '1/90')
    assert.equal(new Set(bodies(reader.messages)).size, 140)
  })

  it('has its stream purged: what comes then is read, and old places mean the first that is kept', async () => {
    const reader = new Following(await topic.read('end'))
    const { place } = reader.reader
    await topic.publish(counted(0, 1, 50))
    await reader.count(50)
    await manager.streams.purge(stream)
    await topic.publish(counted(0, 51, 60))
    await reader.count(60)
    const later = new Following(await topic.read({ place }))
    assert.deepEqual(
      bodies(await later.count(10)),
      counted(0, 51, 60).map((it) => it.body),
    )
  })

  it('has the consumers of readers deleted', async () => {
    const reader = new Following(await topic.read('end'))
    for (let round = 0; round < 3; round++) {
      await topic.publish(counted(0, round * 10 + 1, round * 10 + 10))
      await reader.count(round * 10 + 10)
      for await (const { name } of manager.consumers.list(stream))
        await manager.consumers.delete(stream, name)
    }
    await topic.publish(counted(0, 31, 31))
    assert.deepEqual(
      bodies(await reader.count(31)),
      counted(0, 1, 31).map((it) => it.body),
    )
  })

  it('lost its last messages in a power failure, and has given their numbers to others', async () => {
    await topic.publish(counted(0, 1, 20))
    await server.kill()
    cpSync(server.data, `${server.data}.then`, { recursive: true })
    await server.start('jetstream')
    const { place } = await eventually(() => topic.read('end'))
    const reader = new Following(await topic.read({ place }))
    await eventually(() => topic.publish(counted(0, 21, 40)))
    await reader.count(20)
    const [tail, early] = [reader.reader.place, place]
    await transport.close()

    await server.kill()
    rmSync(server.data, { recursive: true })
    cpSync(`${server.data}.then`, server.data, { recursive: true })
    await server.start('jetstream')
    const again = natsTransport({ connection })
    const found = await eventually(() => again.openTopic(topic.name, 2))
    // Behind the end: nobody can have read that.
    const behind = new Following(await eventually(() => found.read({ place: tail })))
    assert.equal((await behind.count(20))[0]?.body, '0/1')
    await found.publish(counted(1, 101, 160))
    // The number is there again, but it is another message.
    const other = new Following(await found.read({ place: tail }))
    await other.count(80)
    assert.deepEqual(bodies(other.messages).slice(20, 22), ['1/101', '1/102'])
    const kept = new Following(await found.read({ place: early }))
    assert.equal((await kept.count(60))[0]?.body, '1/101')
    await again.close()
  })

  it(
    'does not get all messages through: what is missing is read again, in order',
    { timeout: 60_000 },
    async () => {
      // In the middle, where the next one tells, and at the end, where only a heartbeat can.
      for (const lost of [4, 10]) {
        const name = freshTopic()
        const sender = await transport.openTopic(name, 2)
        const bad = losing(await connectTo(server.url), lost)
        const receiver = natsTransport({ connection: bad, ownsConnection: true })
        const reader = new Following(await (await receiver.openTopic(name, 2)).read('end'))
        await sender.publish(counted(0, 1, 10))
        const read = await reader.count(10)
        assert.deepEqual(
          bodies(read),
          counted(0, 1, 10).map((it) => it.body),
        )
        await receiver.close()
      }
    },
  )

  it('refuses one message of a batch: published again, they stand in their order', async () => {
    const reader = new Following(await topic.read('end'))
    const { config } = await manager.streams.info(stream)
    await manager.streams.update(stream, { ...config, max_msg_size: 1000 })
    const batch = [{ ...out(0, 'first'), body: 'first'.padEnd(2000, '.') }, out(0, 'second'), out(0, 'third')]
    await assert.rejects(() => topic.publish(batch), coded('DURE_TRANSPORT_UNAVAILABLE'))
    await manager.streams.update(stream, { ...config, max_msg_size: -1 })
    await topic.publish(batch)
    await reader.linger(200)
    const read = bodies(reader.messages).map((it) => it.split('.')[0])
    assert.deepEqual(read.slice(-3), ['first', 'second', 'third'])
  })

  it('is left by a client that gives up: calls and readers say so, and closing works', async () => {
    const impatient = await connectTo(server.url, { maxReconnectAttempts: 2, reconnectTimeWait: 20 })
    const leaving = natsTransport({ connection: impatient })
    const left = await leaving.openTopic(topic.name, 2)
    const reader = await left.read('end')
    const waiting = reader.next()
    await server.kill()
    await assert.rejects(() => waiting, coded('DURE_TRANSPORT_UNAVAILABLE'))
    await assert.rejects(() => reader.next(), coded('DURE_TRANSPORT_UNAVAILABLE'))
    await assert.rejects(() => left.publish([out(0, 'x')]), coded('DURE_TRANSPORT_UNAVAILABLE'))
    await assert.rejects(() => leaving.ping(), coded('DURE_TRANSPORT_UNAVAILABLE'))
    left.signal('nobody hears this')
    await leaving.close()
    await assert.rejects(() => leaving.ping(), coded('DURE_TRANSPORT_CLOSED'))
    await server.start('jetstream')
  })

  it('is away when its transport is made: it is unavailable at once, and opened when it is back', async () => {
    await server.kill()
    while (connection.info !== undefined) await pause(5)
    const early = natsTransport({ connection })
    const began = performance.now()
    await assert.rejects(() => early.openTopic(topic.name, 2), coded('DURE_TRANSPORT_UNAVAILABLE'))
    assert.ok(performance.now() - began < 1000)
    await server.start('jetstream')
    const started = performance.now()
    const found = await eventually(() => early.openTopic(topic.name, 2))
    assert.ok(performance.now() - started < 4500, 'it waited for an answer to what was never sent')
    await found.publish([out(0, 'x')])
    await early.close()
  })

  it('keeps nothing of readers that were closed; the connection stays with its owner', async () => {
    const readers = await Promise.all([topic.read('end'), topic.read('end'), topic.read('end')])
    await topic.publish([out(0, 'x')])
    for (const reader of readers) await reader.next()
    assert.equal((await manager.streams.info(stream)).state.consumer_count, 3)
    await Promise.all(readers.map((it) => it.close()))
    assert.equal((await manager.streams.info(stream)).state.consumer_count, 0)
    await transport.close()
    assert.equal(connection.isClosed(), false)
    const owned = await connectTo(server.url)
    await natsTransport({ connection: owned, ownsConnection: true }).close()
    assert.equal(owned.isClosed(), true)
  })
})

/** A connection that loses one message of a stream on its way in. */
function losing(connection: NatsConnection, lost: number): NatsConnection {
  const subscribe = connection.subscribe.bind(connection)
  let seen = 0
  connection.subscribe = (subject, options = {}) => {
    const { callback } = options
    if (callback === undefined) return subscribe(subject, options)
    return subscribe(subject, {
      ...options,
      callback(error, message) {
        if (error === null && message.reply?.startsWith('$JS.ACK') === true && ++seen === lost) return
        void callback(error, message)
      },
    })
  }
  return connection
}
