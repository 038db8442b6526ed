import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInstance } from '../process/instance.mjs'
import { RELEASE, s3Program } from './program.mjs'

const [ACCESS, SECRET] = ['dure-test', 'dure-test-secret']

/** A server of the API of S3 on files, with a bucket `dure` that is there from the start. */
export function createS3(place) {
  return createInstance(kind, place)
}

const s3Url = (port) => `http://${ACCESS}:${SECRET}@127.0.0.1:${port}/dure`

/** Resolves to the version of the server if it answers as S3 does, else to undefined. */
async function probeS3(url) {
  try {
    const { origin } = new URL(url)
    const answer = await fetch(origin, { signal: AbortSignal.timeout(2_000) })
    // Nobody may list buckets without credentials, and says so in XML.
    return (await answer.text()).includes('<Error>') ? RELEASE : undefined
  } catch {
    return undefined
  }
}

const kind = {
  name: 's3',
  programs: (say, signal) => s3Program(say, signal),
  prepare: ({ data }) => void mkdirSync(join(data, 'dure'), { recursive: true }),
  command({ data, port, programs, folder }) {
    const sidecar = join(folder, 'sidecar')
    mkdirSync(sidecar, { recursive: true })
    const keys = ['--access', ACCESS, '--secret', SECRET]
    return [programs, ...keys, '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', sidecar, data]
  },
  stopSignal: 'SIGTERM',
  urlOf: s3Url,
  probe: probeS3,
}
