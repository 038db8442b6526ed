import assert from 'node:assert/strict'
import { jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { connectTo } from '../../../test/fixtures/nats-broker.ts'
import { NatsServer } from '../../../test/fixtures/nats-server.ts'
import type { Topic } from '../../ports/transport.ts'
import { bodies, coded, freshTopic, out } from '../../testing/conformance/transport/transport-harness.ts'
import { type NatsTransportOptions, natsTransport } from './index.ts'

const day = 24 * 60 * 60 * 1000 * 1_000_000

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

async function serverWith(settings: string): Promise<NatsServer> {
  const server = await NatsServer.start(settings)
  closing.push(() => server.end())
  return server
}

async function connected(server: NatsServer, user?: string): Promise<NatsConnection> {
  const connection = await connectTo(server.url, user === undefined ? {} : { user, pass: 'secret' })
  closing.push(() => connection.close())
  return connection
}

function open(
  connection: NatsConnection,
  name: string,
  options: Partial<NatsTransportOptions> = {},
): Promise<Topic> {
  return natsTransport({ connection, ...options }).openTopic(name, 2)
}

describe('the stream of a topic', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await NatsServer.start('jetstream')
  })
  afterAll(() => server?.end())

  /** Makes the stream of a topic as somebody else would. */
  async function foreign(name: string, settings: Partial<StreamConfig>): Promise<NatsConnection> {
    const connection = await connected(server)
    const manager = await jetstreamManager(connection)
    const subjects = [`${name}.0`, `${name}.1`]
    const usual = { name: name.replaceAll('.', '~'), subjects, max_age: 7 * day }
    await manager.streams.add({ ...usual, ...settings })
    return connection
  }

  it('is made as it is asked for', async () => {
    const connection = await connected(server)
    const name = freshTopic()
    const topic = await open(connection, name, { maxAgeMs: 3_600_000, maxBytes: 50_000_000 })
    const { config } = await (await jetstreamManager(connection)).streams.info(name.replaceAll('.', '~'))
    const { subjects, retention, storage, discard, max_age, max_bytes, num_replicas } = config
    assert.deepEqual(
      { subjects, retention, storage, discard, max_age, max_bytes, num_replicas },
      {
        subjects: [`${name}.0`, `${name}.1`],
        retention: 'limits',
        storage: 'file',
        discard: 'old',
        max_age: day / 24,
        max_bytes: 50_000_000,
        num_replicas: 1,
      },
    )
    assert.deepEqual(
      topic.warnings.map((it) => it.setting),
      ['replicas', 'sync interval'],
    )
  })

  const bad: [setting: string, Record<string, unknown>][] = [
    ['retention', { retention: 'workqueue' }],
    ['retention', { retention: 'interest' }],
    ['discard', { discard: 'new' }],
    ['storage', { storage: 'memory' }],
    ['max_age', { max_age: day }],
    ['max_msgs', { max_msgs: 1000 }],
    ['max_bytes', { max_bytes: 1_000_000 }],
    ['max_msgs_per_subject', { max_msgs_per_subject: 10 }],
    ['no_ack', { no_ack: true }],
    ['subjects', { subjects: ['elsewhere.1'] }],
  ]
  it.each(bad)('is refused where its %s would lose messages: %j', async (setting, settings) => {
    const name = freshTopic()
    const connection = await foreign(name, settings)
    await assert.rejects(
      () => open(connection, name),
      coded('DURE_TRANSPORT_UNSUITABLE', new RegExp(`${name.replaceAll('.', '~')}: ${setting} (is|are) `)),
    )
  })

  it('is refused where another stream takes its messages', async () => {
    const name = freshTopic()
    const connection = await foreign(name, { name: `other${name.slice(5)}`, subjects: [`${name}.>`] })
    await assert.rejects(
      () => open(connection, name),
      coded('DURE_TRANSPORT_UNSUITABLE', /subjects of the stream .*another stream/),
    )
  })

  it('may keep more than is asked for, and says what it keeps less of', async () => {
    const generous = freshTopic()
    const settings = { max_age: 0, duplicate_window: day / 24 }
    assert.equal((await open(await foreign(generous, settings), generous)).partitions, 2)
    const mean = freshTopic()
    const stingy = { max_msg_size: 10_000, duplicate_window: 1_000_000_000, max_consumers: 5 }
    const topic = await open(await foreign(mean, stingy), mean)
    const warned = topic.warnings.map((it) => it.setting)
    for (const setting of ['max_msg_size', 'duplicate_window', 'max_consumers']) {
      assert.ok(warned.includes(setting), setting)
    }
    const largest = { partition: 0, id: 'i'.repeat(255), body: 'x'.repeat(topic.maxBytes) }
    await topic.publish([largest])
    await assert.rejects(
      () => topic.publish([{ ...largest, body: `${largest.body}x` }]),
      coded('DURE_MESSAGE_TOO_LARGE'),
    )
  })

  it('in memory is made when asked for, with a warning', async () => {
    const topic = await open(await connected(server), freshTopic(), { storage: 'memory' })
    await topic.publish([out(1, 'x')])
    assert.ok(topic.warnings.some((it) => it.setting === 'storage'))
  })

  it('drops repetitions, or with a window of 0 keeps them', async () => {
    for (const [duplicateWindowMs, kept] of [
      [60_000, 1],
      [0, 2],
    ] as const) {
      const connection = await connected(server)
      const topic = await open(connection, freshTopic(), { duplicateWindowMs })
      await topic.publish([out(0, 'x')])
      await topic.publish([out(0, 'x')])
      const stream = topic.name.replaceAll('.', '~')
      const { state } = await (await jetstreamManager(connection)).streams.info(stream)
      assert.equal(state.messages, kept)
      assert.ok(topic.warnings.every((it) => it.setting !== 'duplicate_window'))
    }
  })

  it('cannot have replicas on a single server', async () => {
    const connection = await connected(server)
    await assert.rejects(
      () => open(connection, freshTopic(), { replicas: 3 }),
      coded('DURE_TRANSPORT_UNSUITABLE', /num_replicas/),
    )
  })

  it('has a warning where the client will give up', async () => {
    const connection = await connectTo(server.url, { maxReconnectAttempts: 10 })
    closing.push(() => connection.close())
    const found = (await open(connection, freshTopic())).warnings.find((it) =>
      it.setting.startsWith('maxRec'),
    )
    assert.equal(found?.found, '10')
  })

  it('with inboxes of its own', async () => {
    const connection = await connectTo(server.url, { inboxPrefix: '_MINE' })
    closing.push(() => connection.close())
    const topic = await open(connection, freshTopic())
    const reader = await topic.read('end')
    await topic.publish([out(1, 'x')])
    assert.equal((await reader.next())[0]?.body, 'x')
  })
})

describe('a server', () => {
  it('without JetStream is refused', async () => {
    const connection = await connected(await serverWith(''))
    await assert.rejects(
      () => open(connection, freshTopic()),
      coded('DURE_TRANSPORT_UNSUITABLE', /JetStream is off/),
    )
    await assert.rejects(
      () => natsTransport({ connection }).ping(),
      coded('DURE_TRANSPORT_UNSUITABLE', /JetStream is off/),
    )
  })

  it('with an account without JetStream is refused', async () => {
    const accounts = `
      jetstream
      accounts {
        with { jetstream: enabled, users: [ { user: a, password: secret } ] }
        without { users: [ { user: b, password: secret } ] }
      }`
    const server = await serverWith(accounts)
    await open(await connected(server, 'a'), freshTopic())
    const connection = await connected(server, 'b')
    await assert.rejects(
      () => open(connection, freshTopic()),
      coded('DURE_TRANSPORT_UNSUITABLE', /JetStream is off/),
    )
  })

  const users = `
    jetstream
    authorization { users: [
      { user: all, password: secret },
      { user: none, password: secret, permissions: { publish: ["nothing"], subscribe: ["_INBOX.>"] } }
      { user: mute, password: secret, permissions: {
        publish: { deny: ["case.>"] }, subscribe: [">"] } }
    ] }`

  it('that does not allow what is needed is unavailable, and the reason says so', async () => {
    const server = await serverWith(users)
    const none = await connected(server, 'none')
    await assert.rejects(open(none, freshTopic()), coded('DURE_TRANSPORT_UNAVAILABLE', /permission/i))
    const mute = await open(await connected(server, 'mute'), freshTopic())
    await assert.rejects(
      mute.publish([out(0, 'x')]),
      coded('DURE_TRANSPORT_UNAVAILABLE', /not acknowledged.*permission/i),
    )
    assert.deepEqual(await mute.last(), [])
  })

  it('that no longer knows the user ends the connection and not the process', async () => {
    const server = await serverWith(users)
    const connection = await connected(server, 'all')
    const topic = await open(connection, freshTopic())
    const waiting = (await topic.read('end')).next()
    await server.kill()
    await server.start('jetstream\nauthorization { users: [ { user: other, password: other } ] }')
    await assert.rejects(() => waiting, coded('DURE_TRANSPORT_UNAVAILABLE'))
    await assert.rejects(() => topic.publish([out(0, 'x')]), coded('DURE_TRANSPORT_UNAVAILABLE'))
  })

  it('bounds messages by its max_payload, also by a new one', async () => {
    const server = await serverWith('jetstream\nmax_payload: 65536')
    const connection = await connected(server)
    const topic = await open(connection, freshTopic())
    const body = 'x'.repeat(topic.maxBytes)
    assert.ok(body.length > 64_000 && body.length < 65_536)
    await topic.publish([{ partition: 0, id: 'i'.repeat(255), body }])
    await assert.rejects(
      () => topic.publish([out(0, 'a'), { ...out(0, 'b'), body: `${body}x` }]),
      coded('DURE_MESSAGE_TOO_LARGE'),
    )
    await server.kill()
    await server.start('jetstream\nmax_payload: 8192')
    while (connection.info?.max_payload !== 8192) await new Promise((go) => setTimeout(go, 20))
    await assert.rejects(() => topic.publish([{ ...out(0, 'c'), body }]), coded('DURE_MESSAGE_TOO_LARGE'))
    assert.deepEqual(bodies(await topic.last()), [body])
  })
})
