import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { processesWith } from '../harness/cpu.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PATIENCE_MS = 60_000

/** `npm start` of the example shop, from the command to its first answer. */
export const startCases = [
  {
    name: 'npm start to the first answer, warm',
    unit: 'starts/s',
    digits: 2,
    rounds: 5,
    async open() {
      const data = newFolder()
      await startOnce(data)
      return { contestants: { dure: () => startOnce(data) }, close: () => remove(data) }
    },
  },
  {
    // Nothing compiled is read, and a new folder of data is made, as after a fresh install.
    name: 'npm start to the first answer, first time',
    unit: 'starts/s',
    digits: 2,
    rounds: 5,
    contestants: {
      async dure() {
        const data = newFolder()
        try {
          return await startOnce(data, { NODE_DISABLE_COMPILE_CACHE: '1' })
        } finally {
          remove(data)
        }
      },
    },
  },
]

const newFolder = () => mkdtempSync(join(tmpdir(), 'dure-bench-start-'))
const remove = (folder) => rmSync(folder, { recursive: true, force: true })

async function startOnce(data, env = {}) {
  const port = await freePort()
  const from = performance.now()
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    // A group of its own, like a job of a terminal: Ctrl-C reaches all of it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'development', PORT: String(port), DURE_DATA: data, ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = once(child, 'exit')
  let ms
  try {
    ms = await firstAnswer(`http://127.0.0.1:${port}/readyz`, from, child)
  } catch (error) {
    throw new Error(`npm start did not answer (exit code ${child.exitCode}):\n${output}`, { cause: error })
  } finally {
    if (child.exitCode === null) process.kill(0 - (child.pid ?? 0), 'SIGINT')
  }
  const how = await Promise.race([ended, sleep(PATIENCE_MS, 'late', { ref: false })])
  if (how === 'late') throw new Error(`npm start did not end after SIGINT:\n${output}`)
  await nothingLeft(data)
  return { rate: 1000 / ms, p50: ms, p99: ms }
}

/** Milliseconds from `from` to the first good answer. */
async function firstAnswer(url, from, child) {
  while (child.exitCode === null && performance.now() - from < PATIENCE_MS) {
    const ok = await fetch(url).then(
      (it) => it.ok,
      () => false,
    )
    const ms = performance.now() - from
    if (ok) return ms
    await sleep(5)
  }
  throw new Error(`nothing at ${url}`)
}

async function nothingLeft(data) {
  for (let i = 0; i < 20; i++) {
    const left = processesWith(data)
    if (left.length === 0) return
    await sleep(50)
  }
  throw new Error(`after npm start had ended, these processes still ran: ${processesWith(data).join(', ')}`)
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
