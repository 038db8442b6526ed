import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { cache } from '../folder.mjs'
import { run } from '../process/run.mjs'

/** The release of versitygw that is built. */
export const RELEASE = '1.8.0'

/** The path of a versitygw; builds it when there is none. */
export async function s3Program(say, signal) {
  const folder = join(cache, `versitygw-${RELEASE}`)
  const program = join(folder, 'versitygw')
  if (existsSync(program)) return program
  const { code } = await run('go', ['version'])
  if (code !== 0) {
    const what = `versitygw ${RELEASE} is built with Go, and there is no Go here`
    throw new Complaint('DURE_REPO_NO_S3', what, 'install a current Go (go.dev/doc/install), or start Docker')
  }
  mkdirSync(folder, { recursive: true })
  say(`building versitygw ${RELEASE} with Go, which takes a minute or two …`)
  const env = { ...process.env, GOBIN: folder }
  const module = `github.com/versity/versitygw/cmd/versitygw@v${RELEASE}`
  const built = await run('go', ['install', module], { env, signal })
  if (built.code === 0 && existsSync(program)) return program
  throw new Complaint('DURE_REPO_NO_S3', `go install ended with ${built.code}:\n${built.output}`, 'see above')
}
