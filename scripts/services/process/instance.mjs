import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { freePort } from './ports.mjs'
import { ServerProcess } from './server-process.mjs'

const START_DEADLINE_MS = 60_000

/**
 * One server in a folder of its own. `kind` says what sort it is:
 * - `name`
 * - `programs(say, signal)` finds what it takes to run it, and installs what is missing
 * - `prepare({ data, port, programs })` makes an empty data folder
 * - `command({ data, port, programs, folder })` starts it on that data, in the foreground
 * - `stopSignal` stops it at once but in good order
 * - `urlOf(port)`, and `probe(url)`, which resolves to the version of the server that answers there, or undefined
 *
 * Of the options `folder` is where it writes; `port` is chosen, and remembered in the folder, when absent. A server
 * ends with this process unless `stays`.
 */
export async function createInstance(kind, { folder, port, stays = false }) {
  const known = join(folder, 'instance.json')
  const remembered = existsSync(known) ? JSON.parse(readFileSync(known, 'utf8')).port : undefined
  return new Instance(kind, folder, port ?? remembered ?? (await freePort()), !stays)
}

class Instance {
  #kind
  #process

  constructor(kind, folder, port, isAttached) {
    this.#kind = kind
    this.name = kind.name
    this.folder = folder
    this.port = port
    this.url = kind.urlOf(port)
    this.#process = new ServerProcess(kind.name, folder, isAttached)
  }

  /** Where the server keeps its data. */
  get data() {
    return join(this.folder, 'data')
  }

  get log() {
    return this.#process.log
  }

  get pid() {
    return this.#process.running?.pid
  }

  get since() {
    return this.#process.running?.since
  }

  /** The version of the server if it runs and answers. */
  async probe() {
    return this.pid === undefined ? undefined : this.#kind.probe(this.url)
  }

  /** Resolves when the server answers, to its version. Nothing happens to one that runs already. */
  async start({ say = () => undefined, signal } = {}) {
    if (this.pid === undefined) {
      const programs = await this.#kind.programs(say, signal)
      mkdirSync(this.folder, { recursive: true })
      writeFileSync(join(this.folder, 'instance.json'), JSON.stringify({ port: this.port }))
      const place = { data: this.data, port: this.port, folder: this.folder, programs }
      if (!existsSync(this.data)) {
        say(`preparing ${this.data} …`)
        await this.#prepare(place)
      }
      signal?.throwIfAborted()
      say(`starting on port ${this.port} …`)
      this.#process.spawn(await this.#kind.command(place))
    }
    return this.#process.ready(() => this.probe(), START_DEADLINE_MS, signal)
  }

  /** In good order. */
  stop() {
    return this.#process.stop(this.#kind.stopSignal)
  }

  /** SIGKILL to the server and its processes. */
  kill() {
    return this.#process.kill()
  }

  async restart(options) {
    await this.stop()
    return this.start(options)
  }

  /** Removes the data; the next start begins with nothing. */
  async wipe() {
    if (this.pid !== undefined) {
      const what = `${this.name} in ${this.folder} runs as process ${this.pid}, and its data was to be removed`
      throw new Complaint('DURE_REPO_SERVICE_RUNS', what, 'stop or kill it first')
    }
    rmSync(this.data, { recursive: true, force: true })
  }

  /** Stops it and removes all that it has written. */
  async remove() {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async #prepare(place) {
    try {
      await this.#kind.prepare(place)
    } catch (error) {
      // Half a data folder would pass for a whole one at the next start.
      rmSync(this.data, { recursive: true, force: true })
      throw error
    }
  }
}
