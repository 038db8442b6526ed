import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { cache } from '../folder.mjs'
import { candidate, unpackPackage } from '../process/debian.mjs'
import { run } from '../process/run.mjs'

/** What Go builds. 2.9 only where there is no Debian that has it. */
const RELEASES = { current: '2.15.2', 2.9: '2.9.25' }

/** The path of a nats-server; fetches or builds it when there is none. */
export async function natsProgram(version, say, signal) {
  const release = RELEASES[version]
  if (!release) {
    const known = Object.keys(RELEASES).join(' or ')
    throw new Complaint('DURE_REPO_NO_NATS', `there is no NATS ${version} to be had`, `ask for ${known}`)
  }
  if (version === '2.9') {
    const ofDebian = await debianProgram(version, say)
    if (ofDebian) return ofDebian
  }
  return built(release, say, signal)
}

async function debianProgram(version, say) {
  const release = await candidate('nats-server')
  if (!release?.startsWith(`${version}.`)) return undefined
  const folder = join(cache, `nats-server-debian-${release}`)
  await unpackPackage('nats-server', folder, say)
  return join(folder, 'usr/sbin/nats-server')
}

async function built(release, say, signal) {
  const folder = join(cache, `nats-server-${release}`)
  const program = join(folder, 'nats-server')
  if (existsSync(program)) return program
  const { code } = await run('go', ['version'])
  if (code !== 0) {
    throw new Complaint(
      'DURE_REPO_NO_NATS',
      `nats-server ${release} is built with Go, and there is no Go here`,
      'install a current Go (go.dev/doc/install; that of Debian 12 is too old), or start Docker',
    )
  }
  mkdirSync(folder, { recursive: true })
  say(`building nats-server ${release} with Go, which takes a minute or two …`)
  const env = { ...process.env, GOBIN: folder }
  const built = await run('go', ['install', `github.com/nats-io/nats-server/v2@v${release}`], { env, signal })
  if (built.code === 0 && existsSync(program)) return program
  throw new Complaint(
    'DURE_REPO_NO_NATS',
    `go install ended with ${built.code}:\n${built.output}`,
    'see above',
  )
}
