import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('process.mjs', import.meta.url))
const kinds = ['limit', 'dure', 'dure, 200 contexts', 'nest', 'trpc']

/** A process with one query and one command, from its start to its first answer, and the memory it then has. */
export const startCases = [
  startCase('start of a process', 'starts/s', ({ ms }) => ({ rate: 1000 / ms, p50: ms, p99: ms })),
  startCase('memory of a process', 'MiB', ({ rss, ms }) => ({ rate: rss / 2 ** 20, p50: ms, p99: ms })),
]

function startCase(name, unit, figures) {
  const contestants = Object.fromEntries(
    kinds.map((kind) => [kind, async () => figures(await startOnce(kind))]),
  )
  return { name, unit, digits: 2, rounds: 5, contestants }
}

async function startOnce(kind) {
  const args = [...process.execArgv, script, kind]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [said] = await once(child, 'message')
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
  return said
}
