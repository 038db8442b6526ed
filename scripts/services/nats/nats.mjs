import { mkdirSync } from 'node:fs'
import { createInstance } from '../process/instance.mjs'
import { askNats } from './ask.mjs'
import { natsProgram } from './program.mjs'

/**
 * A NATS server of its own port and folder, with JetStream on files. `version` is `current`, which the repository pins, or
 * `2.9`, the oldest that is supported. Limits and the interval of syncing are the server's defaults.
 */
export function createNats({ version = 'current', ...place }) {
  return createInstance(natsKind(version), place)
}

export const natsUrl = (port) => `nats://127.0.0.1:${port}`

/** Resolves to the version of the server if it answers and has JetStream, else to undefined. */
export async function probeNats(url) {
  try {
    const { info, jetStream } = await askNats(url)
    return jetStream ? info.version : undefined
  } catch {
    return undefined
  }
}

function natsKind(version) {
  return {
    name: version === 'current' ? 'nats' : `nats-${version}`,
    programs: (say, signal) => natsProgram(version, say, signal),
    prepare: ({ data }) => void mkdirSync(data, { recursive: true }),
    command({ data, port, programs }) {
      const listening = ['--addr', '127.0.0.1', '--port', String(port)]
      return [programs, ...listening, '--jetstream', '--store_dir', data]
    },
    stopSignal: 'SIGTERM',
    urlOf: natsUrl,
    probe: probeNats,
  }
}
