import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { closedLoop } from '../harness/load.mjs'
import { callers } from './callers.mjs'
import { offerOf, questionOf } from './model.mjs'

const WIDTH = 64
const CALLS = 12_000
const kinds = ['limit', 'limit + work', 'dure', 'nest', 'trpc']
const server = fileURLToPath(new URL('server.mjs', import.meta.url))

/** A context in another process, asked and told over the network: CPU is the caller's, other CPU the callee's. */
export const remoteCases = [
  remoteCase('remote query, 64 in flight', (i, { price }) => price(questionOf(i))),
  remoteCase('remote command, 64 in flight', (i, { offer }) => offer(offerOf(i))),
  remoteCase('remote query, 1 in flight', (i, { price }) => price(questionOf(i)), 1),
]

function remoteCase(name, call, width = WIDTH) {
  return {
    name,
    unit: 'calls/s',
    async open() {
      const opened = new Map()
      const close = async () => {
        for (const it of opened.values()) {
          await it.caller.close()
          await stop(it.child)
        }
      }
      try {
        for (const kind of kinds) opened.set(kind, await start(kind))
        for (const it of opened.values()) {
          await round(it, call, width)
          await round(it, call, width)
        }
      } catch (error) {
        await close()
        throw error
      }
      const contestants = Object.fromEntries(
        [...opened].map(([kind, it]) => [kind, () => round(it, call, width)]),
      )
      return { contestants, close }
    },
  }
}

async function start(kind) {
  const args = [...process.execArgv, server, kind]
  // The callee has a core of its own; without taskset the two may push each other about.
  const pin = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : []
  const [command, ...rest] = [...pin, process.execPath, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = await once(child, 'message')
  return { child, caller: await callers[kind](`http://127.0.0.1:${port}`), done: 0 }
}

async function round(it, call, width) {
  const { caller, child } = it
  const from = it.done
  const count = width === 1 ? CALLS / 4 : CALLS
  it.done += count
  const before = await cpuOf(child)
  const measured = await caller.run((price) =>
    closedLoop((i) => call(from + i, { price, offer: caller.offer }), { count, width }),
  )
  return { ...measured, otherUs: ((await cpuOf(child)) - before) / count }
}

async function stop(child) {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}

async function cpuOf(child) {
  child.send('cpu')
  const [{ cpu }] = await once(child, 'message')
  return cpu
}
