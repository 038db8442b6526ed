import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openInput } from './calls.mjs'

const CONNECTIONS = 64
const SECONDS = 2
const server = fileURLToPath(new URL('http-server.mjs', import.meta.url))

/** What an HTTP command costs its server beside the command itself. */
export const httpCases = [
  {
    name: 'http, create, 64 connections',
    unit: 'requests/s',
    async open() {
      const servers = { dure: await start('dure'), limit: await start('limit') }
      // Servers stay for all rounds: one that has just been started is not compiled yet.
      for (const it of Object.values(servers)) await shoot(it, SECONDS)
      return {
        contestants: {
          dure: () => shoot(servers.dure, SECONDS),
          limit: () => shoot(servers.limit, SECONDS),
        },
        close: () => Promise.all(Object.values(servers).map(stop)),
      }
    },
  },
]

async function start(kind) {
  const args = [...process.execArgv, server, kind]
  // The load has the other core; without taskset the two may push each other about.
  const pin = pinned() ? ['taskset', '-c', '0'] : []
  const [command, ...rest] = [...pin, process.execPath, ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = await once(child, 'message')
  return { child, port, sent: 0 }
}

const pinned = () => spawnSync('taskset', ['-c', '0', 'true']).status === 0

async function stop({ child }) {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}

async function shoot(it, duration) {
  const { default: autocannon } = await import('autocannon')
  const before = await cpuOf(it)
  const instance = autocannon({
    url: `http://127.0.0.1:${it.port}`,
    connections: CONNECTIONS,
    duration,
    requests: [{ method: 'POST', path: '/c/bank/open', setupRequest: (request) => next(it, request) }],
  })
  const result = await instance
  const cpu = (await cpuOf(it)) - before
  if (result.non2xx > 0 || result.errors > 0 || result['2xx'] === 0) {
    throw new Error(
      `the server answered ${result['2xx']} well, ${result.non2xx} not, ${result.errors} failed`,
    )
  }
  return {
    rate: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    otherUs: cpu / result['2xx'],
  }
}

function next(it, request) {
  const body = JSON.stringify(openInput(it.sent++))
  return { ...request, headers: { 'content-type': 'application/json' }, body }
}

async function cpuOf({ child }) {
  child.send('cpu')
  const [{ cpu }] = await once(child, 'message')
  return cpu
}
