import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Admin, deleteRecordsV2 } from '@platformatic/kafka'
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest'
import { openKafka, startBroker, type TestBroker } from '../../../test/fixtures/kafka-broker.ts'
import type { OutMessage, Topic, Transport } from '../../ports/transport.ts'
import { Following } from '../../testing/conformance/transport/following.ts'
import {
  bodies,
  coded,
  counted,
  eventually,
  freshTopic,
  out,
} from '../../testing/conformance/transport/transport-harness.ts'
import { Cluster } from './cluster.ts'
import type { KafkaTransportOptions } from './index.ts'
import { signalsName } from './topic-name.ts'
import { timers } from './timers.ts'

/** By the numbers of the protocol. */
const A_TOPIC = 2
const SET = 0

describe('a broker that is hurt, or set up by somebody else', () => {
  let server: TestBroker
  let transports: Transport[]
  let transport: Transport
  let admin: Admin
  let address: { readonly host: string; readonly port: number }
  let guarded: number

  beforeAll(async () => {
    guarded = await freePort()
    // Beside the open listener one that asks for a password.
    const [port, controller] = [await freePort(), await freePort()]
    const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_shop="se:cret";'
    server = await startBroker(
      {
        'controller.quorum.voters': `1@127.0.0.1:${controller}`,
        listeners: `PLAINTEXT://127.0.0.1:${port},GUARDED://127.0.0.1:${guarded},CONTROLLER://127.0.0.1:${controller}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},GUARDED://127.0.0.1:${guarded}`,
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,GUARDED:SASL_PLAINTEXT',
        'listener.name.guarded.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.guarded.plain.sasl.jaas.config': login,
      },
      port,
    )
    address = { host: '127.0.0.1', port }
    admin = new Admin({
      clientId: 'test',
      bootstrapBrokers: [`127.0.0.1:${port}`],
      retries: 20,
      retryDelay: 100,
    })
  })
  afterAll(async () => {
    await admin?.close()
    await server?.end()
  })

  beforeEach(() => {
    transports = []
    transport = open()
  })
  afterEach(() => Promise.all(transports.map((it) => it.close())))

  function open(options: Partial<KafkaTransportOptions> = {}): Transport {
    const it = openKafka(server.server.url, options)
    transports.push(it)
    return it
  }

  /** Makes a topic as somebody else would. */
  async function foreign(name: string, config: Record<string, string>, partitions = 2): Promise<void> {
    const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
    await admin.createTopics({ topics: [name], partitions, replicas: 1, configs })
  }

  it('a topic is made as it is asked for, with warnings', async () => {
    const topic = await open({ maxAgeMs: 3_600_000, maxPartitionBytes: 50_000_000 }).openTopic(
      freshTopic(),
      2,
    )
    const config = await configOf(topic.name)
    assert.equal(config['cleanup.policy'], 'delete')
    assert.equal(config['retention.ms'], '3600000')
    assert.equal(config['retention.bytes'], '50000000')
    assert.equal(config['message.timestamp.type'], 'LogAppendTime')
    assert.deepEqual(
      topic.warnings.map((it) => it.setting),
      ['replicas'],
    )
  })

  async function configOf(name: string): Promise<Record<string, string | null | undefined>> {
    const [found] = await admin.describeConfigs({
      resources: [{ resourceType: A_TOPIC, resourceName: name }],
    })
    return Object.fromEntries((found?.configs ?? []).map((it) => [it.name, it.value]))
  }

  const bad: [setting: string, Record<string, string>, number?][] = [
    ['cleanup.policy', { 'cleanup.policy': 'compact' }],
    ['retention.ms', { 'retention.ms': '60000' }],
    ['retention.bytes', { 'retention.bytes': '1000000' }],
    ['min.insync.replicas', { 'min.insync.replicas': '2' }],
    ['partitions', {}, 3],
  ]
  it.each(bad)('is refused where its %s would lose messages', async (setting, config, partitions) => {
    const name = freshTopic()
    await foreign(name, config, partitions)
    const refused = coded('DURE_TRANSPORT_UNSUITABLE', new RegExp(`${name}: ${setting} (is|are) `))
    await assert.rejects(() => transport.openTopic(name, 2), refused)
    await assert.rejects(() => transport.findTopic(name, 2), refused)
  })

  it('cannot have replicas on a single broker', async () => {
    const asked = open({ replicas: 3 })
    await assert.rejects(
      () => asked.openTopic(freshTopic()),
      coded('DURE_TRANSPORT_UNSUITABLE', /replica|broker/i),
    )
  })

  it('bounds messages by its max.message.bytes, also by a new one', async () => {
    const name = freshTopic()
    await foreign(name, { 'max.message.bytes': '20000' })
    const topic = await transport.openTopic(name, 2)
    const body = 'x'.repeat(topic.maxBytes)
    assert.ok(body.length > 19_000 && body.length < 20_000)
    // Each fits; all of them are not one batch.
    await topic.publish([large(0, body), large(0, body), large(0, body), large(1, body)])
    await assert.rejects(() => topic.publish([large(0, `${body}x`)]), coded('DURE_MESSAGE_TOO_LARGE'))
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: A_TOPIC,
          resourceName: name,
          configs: [{ name: 'max.message.bytes', configOperation: SET, value: '5000' }],
        },
      ],
    })
    await pause(200)
    await assert.rejects(
      () => topic.publish([large(0, body)]),
      coded('DURE_TRANSPORT_UNAVAILABLE', /max\.message\.bytes/),
    )
    await assert.rejects(() => topic.publish([large(0, body)]), coded('DURE_MESSAGE_TOO_LARGE'))
    await topic.publish([out(1, 'small')])
    assert.deepEqual(bodies(await topic.last()), [body, 'small'])
  })

  it('has its topic deleted under readers and publishers', async () => {
    const topic = await transport.openTopic(freshTopic(), 2)
    const reader = new Following(await topic.read('end'))
    await topic.publish(counted(0, 1, 50))
    await reader.count(50)
    await admin.deleteTopics({ topics: [topic.name, signalsName(topic.name)] })
    await eventually(() => topic.publish(counted(1, 1, 70)))
    await reader.until(() => reader.messages.at(-1)?.body === '1/70')
    assert.equal(new Set(bodies(reader.messages)).size, 120)
    assert.deepEqual(bodies(await topic.last()), ['1/70'])
    topic.signal('again')
    await reader.until(() => reader.signals.at(-1) === 'again')
  })

  it('has dropped what is old: a place before it means the first that is kept', async () => {
    const topic = await transport.openTopic(freshTopic(), 2)
    const reader = new Following(await topic.read('end'))
    const { place } = reader.reader
    await topic.publish([...counted(0, 1, 50), ...counted(1, 1, 3)])
    await reader.count(53)
    await dropBefore(topic, 0, 40n)
    const later = new Following(await topic.read({ place }))
    await later.count(13)
    assert.deepEqual(
      bodies(later.messages.filter((it) => it.partition === 0)),
      counted(0, 41, 50).map((it) => it.body),
    )
    await topic.publish(counted(0, 51, 52))
    await reader.count(55)
    await dropBefore(topic, 0, 52n)
    // Nothing is left of a partition that had messages.
    assert.deepEqual(bodies(await topic.last()), ['1/3'])
  })

  async function dropBefore({ name }: Topic, partitionIndex: number, offset: bigint): Promise<void> {
    const cluster = new Cluster({ brokers: [address], timers })
    const records = [{ name, partitions: [{ partitionIndex, offset }] }]
    await cluster.ask(address, (connection) => deleteRecordsV2.api.async(connection, records, 5000))
    await cluster.close()
  }

  it('asks for a password', async () => {
    const brokers = [{ host: '127.0.0.1', port: guarded }]
    const credentials = { mechanism: 'PLAIN', username: 'shop', password: 'se:cret' } as const
    const known = open({ brokers, credentials })
    const topic = await known.openTopic(freshTopic(), 2)
    await topic.publish([out(1, 'x')])
    assert.deepEqual(bodies(await topic.last()), ['x'])
    assert.ok(topic.warnings.some((it) => it.setting === 'mechanism'))
    assert.ok(!known.name.includes('cret'))
    const wrong = open({ brokers, credentials: { ...credentials, password: 'hush' } })
    await assert.rejects(() => wrong.ping(), coded('DURE_TRANSPORT_UNAVAILABLE', /authentication/i))
    await assert.rejects(
      () => wrong.ping(),
      (error: Error) => !error.message.includes('hush'),
    )
    const unknown = open({ brokers })
    await assert.rejects(() => unknown.ping(), coded('DURE_TRANSPORT_UNAVAILABLE'))
    const plain = open({ brokers: [address], tls: {} })
    await assert.rejects(() => plain.ping(), coded('DURE_TRANSPORT_UNAVAILABLE'))
  })

  it('hangs: publishing says so, the reader goes on afterwards', { timeout: 60_000 }, async () => {
    const topic = await transport.openTopic(freshTopic(), 2)
    const reader = new Following(await topic.read('end'))
    await topic.publish(counted(0, 1, 10))
    await reader.count(10)
    const pid = server.server.pid ?? assert.fail()
    process.kill(pid, 'SIGSTOP')
    try {
      const calls = [() => topic.publish(counted(0, 11, 20)), () => topic.last()]
      await Promise.all(calls.map((it) => assert.rejects(it, coded('DURE_TRANSPORT_UNAVAILABLE'))))
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await eventually(() => topic.publish(counted(0, 11, 20)))
    await reader.until(() => reader.messages.at(-1)?.body === '0/20')
    assert.equal(new Set(bodies(reader.messages)).size, 20)
  })

  it('is no broker of Kafka: it is unavailable, and the reason says so', async () => {
    const silent = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const at = silent.address()
    const brokers = [{ host: '127.0.0.1', port: typeof at === 'object' && at !== null ? at.port : 0 }]
    await assert.rejects(() => open({ brokers }).ping(), coded('DURE_TRANSPORT_UNAVAILABLE', /closed|ECONN/i))
    // One that is away does not matter while another answers.
    await eventually(() => open({ brokers: [...brokers, address] }).ping())
    silent.close()
  })
})

const large = (partition: number, body: string): OutMessage => ({ ...out(partition, 'large'), body })

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const at = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof at === 'object' && at !== null ? at.port : 0
}
