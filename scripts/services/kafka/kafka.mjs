import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { freePort } from '../process/ports.mjs'
import { createInstance } from '../process/instance.mjs'
import { run } from '../process/run.mjs'
import { askKafka } from './ask.mjs'
import { kafkaJars, kafkaRelease } from './program.mjs'

/**
 * A Kafka broker of its own port and folder that is its own controller (KRaft), with at most 512 MB of heap. `settings` go
 * into its server.properties: what the broker does by default is left as it is.
 */
export function createKafka({ settings = {}, ...place }) {
  return createInstance(kafkaKind(settings, preparedJars), place)
}

async function preparedJars(say, signal) {
  const jars = await kafkaJars(say, signal)
  if (!existsSync(archiveOf(jars))) await recordClasses(jars, say, signal)
  return jars
}

export const kafkaUrl = (port) => `kafka://127.0.0.1:${port}`

/** Resolves to the release of the repository if the broker answers and is ready to serve, else to undefined. */
export async function probeKafka(url) {
  try {
    // The protocol does not tell a broker's release.
    return (await askKafka(url)) > 0 ? kafkaRelease : undefined
  } catch {
    return undefined
  }
}

// A broker of one node and small topics: less to compile and to collect makes it start in half the time.
const BOUNDS = [
  '-Xmx512m',
  '-Xss512k',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:+ExitOnOutOfMemoryError',
]

/** The classes of a broker as a JVM has laid them out, which it loads in half the time. */
const archiveOf = (jars) => join(jars, 'classes.jsa')

async function recordClasses(jars, say, signal) {
  say('preparing its classes, once …')
  const folder = mkdtempSync(`${jars}.`)
  const recorded = join(folder, 'classes.jsa')
  const kind = kafkaKind({}, () => jars, [`-XX:ArchiveClassesAtExit=${recorded}`])
  const trial = await createInstance(kind, { folder: join(folder, 'server') })
  try {
    await trial.start({ signal })
    await trial.stop()
    if (existsSync(recorded)) renameSync(recorded, archiveOf(jars))
  } finally {
    await trial.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

function kafkaKind(settings, programs, more = []) {
  return {
    name: 'kafka',
    programs,
    async prepare({ data, port, folder, programs: jars }) {
      const file = join(folder, 'server.properties')
      writeFileSync(file, propertiesOf({ ...(await usualSettings(port, data)), ...settings }))
      // As if it were another cluster: a client can tell that everything is gone.
      // With = between, or an id that begins with - is taken for an option.
      const id = `--cluster-id=${randomBytes(16).toString('base64url')}`
      const format = ['kafka.tools.StorageTool', 'format', id, '--config', file]
      const { code, output } = await run('java', withJars(jars, ...format))
      if (code === 0) return
      throw new Complaint(
        'DURE_REPO_SERVICE_START',
        `kafka-storage ended with ${code}:\n${output}`,
        'see above',
      )
    },
    command: ({ folder, programs: jars }) => [
      'java',
      ...more,
      ...withJars(jars, 'kafka.Kafka', join(folder, 'server.properties')),
    ],
    stopSignal: 'SIGTERM',
    urlOf: kafkaUrl,
    probe: probeKafka,
  }
}

function withJars(jars, ...main) {
  const archive = existsSync(archiveOf(jars)) ? [`-XX:SharedArchiveFile=${archiveOf(jars)}`] : []
  return ['-cp', join(jars, '*'), ...BOUNDS, ...archive, ...main]
}

async function usualSettings(port, data) {
  const controller = await freePort()
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    // A topic that nobody made is a mistake, and is to be seen as one.
    'auto.create.topics.enable': false,
    // A broker that was killed is taken back only when the session of its former life is over: 9 s by default.
    'broker.session.timeout.ms': 1500,
    'broker.heartbeat.interval.ms': 250,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
  }
}

const propertiesOf = (settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
