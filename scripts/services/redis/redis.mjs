import { mkdirSync } from 'node:fs'
import { createInstance } from '../process/instance.mjs'
import { askRedis } from './ask.mjs'
import { redisProgram } from './program.mjs'

/** A Redis of its own port and folder that keeps nothing on disk, as a cache. */
export function createRedis(place) {
  return createInstance(kind, place)
}

export const redisUrl = (port) => `redis://127.0.0.1:${port}`

/** Resolves to the version of the server if it answers, else to undefined. */
export async function probeRedis(url) {
  try {
    return /redis_version:(\S+)/.exec(await askRedis(url))?.[1]
  } catch {
    return undefined
  }
}

const kind = {
  name: 'redis',
  programs: (say) => redisProgram(say),
  prepare: ({ data }) => void mkdirSync(data, { recursive: true }),
  command({ data, port, programs }) {
    const keeps = ['--save', '', '--appendonly', 'no', '--dir', data]
    return [...programs, '--bind', '127.0.0.1', '--port', String(port), ...keeps]
  },
  stopSignal: 'SIGTERM',
  urlOf: redisUrl,
  probe: probeRedis,
}
