import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Complaint } from '../bootstrap/complaint.mjs'
import { folder } from './folder.mjs'
import { run } from './process/run.mjs'

const file = fileURLToPath(new URL('compose.yaml', import.meta.url))
const project = `dure-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`
// A Kafka broker tells its clients where to connect, so its port has to be known before it starts.
const fixed = { DURE_KAFKA_PORT: String(20_000 + (Number.parseInt(project.slice(5), 16) % 10_000)) }
const START_DEADLINE_MS = 60_000

let available

/** Whether there is a Docker that runs and knows compose. DURE_SERVICES=programs says to do without. */
export function hasDocker() {
  available ??= (async () => {
    if (process.env.DURE_SERVICES === 'programs') return false
    const tries = [
      ['compose', 'version'],
      ['info', '--format', '{{.ServerVersion}}'],
    ]
    for (const args of tries) if ((await run('docker', args)).code !== 0) return false
    return true
  })()
  return available
}

/** The service of that name in compose.yaml, with the same functions as an instance has. `port` is the container's. */
export function containerOf(name, { port, urlOf, probe }) {
  const look = async () => {
    const id = await compose('ps', '--quiet', name)
    if (!id) return undefined
    const published = Number(/:(\d+)$/m.exec(await compose('port', name, String(port)))?.[1])
    const { output } = await run('docker', ['inspect', '--format', '{{.State.Pid}} {{.State.StartedAt}}', id])
    const [pid, since] = output.split(' ')
    const url = urlOf(published)
    return {
      url,
      port: published,
      pid: Number(pid),
      since,
      version: await probe(url),
      data: `container ${id.slice(0, 12)}`,
    }
  }
  const ready = async (signal) => {
    for (let waited = 0; waited < START_DEADLINE_MS; waited += 200) {
      signal?.throwIfAborted()
      const found = await look()
      if (found?.version) return found
      await pause(200)
    }
    throw new Complaint(
      'DURE_REPO_SERVICE_START',
      `${name} does not answer:\n${await compose('logs', '--tail=12', name)}`,
      'see above',
    )
  }
  return {
    look,
    async start({ say, signal }) {
      say('starting it in Docker …')
      await compose('up', '--detach', name)
      return ready(signal)
    },
    async restart({ say, signal }) {
      say('starting it again in Docker …')
      // Makes the container if there is none, and else takes it as it is.
      await compose('up', '--detach', '--no-recreate', name)
      await compose('restart', name)
      return ready(signal)
    },
    remove: () => compose('rm', '--stop', '--force', '--volumes', name),
  }
}

async function compose(...args) {
  const all = ['compose', '--project-name', project, '--file', file, ...args]
  const { code, output } = await run('docker', all, { env: { ...process.env, ...fixed } })
  if (code === 0) return output
  throw new Complaint(
    'DURE_REPO_DOCKER',
    `docker ${all.join(' ')} ended with ${code}:\n${output}`,
    'see above',
  )
}
