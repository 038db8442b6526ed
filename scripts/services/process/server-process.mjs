import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { descendantsOf, startOf } from './identity.mjs'

// What must not outlive this process.
const attached = new Set()
process.on('exit', () => attached.forEach((it) => it.killAtOnce()))

/** A server's process: found again by later processes through a file in its folder. */
export class ServerProcess {
  #name
  #folder
  #isAttached

  constructor(name, folder, isAttached) {
    this.#name = name
    this.#folder = folder
    this.#isAttached = isAttached
  }

  get log() {
    return join(this.#folder, 'server.log')
  }

  /** `{ pid, since }` of the server that runs, else undefined. */
  get running() {
    if (!existsSync(this.#file)) return undefined
    const { pid, start, since } = JSON.parse(readFileSync(this.#file, 'utf8'))
    return startOf(pid) === start ? { pid, since } : undefined
  }

  spawn([command, ...args]) {
    mkdirSync(this.#folder, { recursive: true })
    const log = openSync(this.log, 'a')
    // A server that is to stay is in a session of its own: Ctrl-C must not reach it.
    const options = { cwd: '/', stdio: ['ignore', log, log], detached: !this.#isAttached }
    const child = spawn(command, args, options)
    child.on('error', () => undefined)
    closeSync(log)
    child.unref()
    if (child.pid === undefined) throw this.#complaint(`${command} cannot be run`)
    const state = { pid: child.pid, start: startOf(child.pid), since: new Date().toISOString() }
    writeFileSync(this.#file, JSON.stringify(state))
    if (this.#isAttached) attached.add(this)
  }

  /** Waits until `probe` is content with the server, which must not end meanwhile. */
  async ready(probe, deadlineMs, signal) {
    const deadline = Date.now() + deadlineMs
    while (Date.now() < deadline) {
      signal?.throwIfAborted()
      const found = await probe()
      if (found !== undefined) return found
      if (!this.running) throw this.#complaint('it ended while starting')
      await pause(50)
    }
    throw this.#complaint(`it does not answer after ${deadlineMs / 1000} s`)
  }

  /** Asks with `signal` to stop, in good order; whoever does not within the deadline is killed. */
  async stop(signal, deadlineMs = 20_000) {
    const { pid } = this.running ?? {}
    if (pid === undefined) return
    process.kill(pid, signal)
    const deadline = Date.now() + deadlineMs
    while (this.running && Date.now() < deadline) await pause(20)
    await this.kill()
  }

  /** SIGKILL for the server and all it started, as a crash of the machine would; resolves when they are gone. */
  async kill() {
    const pids = this.killAtOnce()
    while (pids.some((pid) => startOf(pid) !== undefined)) await pause(5)
    rmSync(this.#file, { force: true })
  }

  killAtOnce() {
    attached.delete(this)
    const { pid } = this.running ?? {}
    if (pid === undefined) return []
    const pids = [pid, ...descendantsOf(pid)]
    for (const it of pids) {
      try {
        process.kill(it, 'SIGKILL')
      } catch (error) {
        if (error.code !== 'ESRCH') throw error
      }
    }
    return pids
  }

  get #file() {
    return join(this.#folder, 'process.json')
  }

  #complaint(what) {
    const lines = existsSync(this.log) ? readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-12) : []
    const said = lines.length > 0 ? `:\n${lines.join('\n')}` : ''
    return new Complaint('DURE_REPO_SERVICE_START', `${this.#name}: ${what}${said}`, `read ${this.log}`)
  }
}
