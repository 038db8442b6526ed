import { createHost, systemWorld } from 'dure/host'
import { createHttp } from 'dure/http'
import { persistence } from '../src/persistence.ts'
import { sampleData } from '../src/sample-data.ts'
import { shop } from '../src/system.ts'
import { wiring } from './wiring.ts'

/** What came back for a request. */
interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** A row of a list, as far as tests look into one. */
interface Row {
  readonly id: string
  readonly name: string
  readonly onHand: number
  readonly reserved: number
  readonly free: number
}

/** A whole shop with its sample data, spoken to over HTTP. */
export interface RunningShop extends AsyncDisposable {
  send(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answer>
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  rows(path: string): Promise<readonly Row[]>
  /** The row of a list whose name has this word in it. */
  named(path: string, word: string): Promise<Row>
  /** Sends a command that has to be accepted; the id of what it was for. */
  done(method: string, path: string, body?: object): Promise<string>
  /** When every view and policy has met all that happened, and all that followed from it. */
  settled(): Promise<void>
  /** Runs the sample data once more. */
  refill(): Promise<void>
  readonly errors: readonly string[]
}

/** A shop that runs somewhere, by what it is spoken to with. */
export interface StartedShop extends AsyncDisposable {
  readonly url: string
  settled(): Promise<void>
  refill(): Promise<void>
  readonly errors: readonly string[]
}

let start: () => Promise<StartedShop> = inThisProcess

/** Starts the shops that are asked for from now on in another way. */
export function startShopsBy(other: () => Promise<StartedShop>): void {
  start = other
}

/** A whole shop with its sample data. */
export async function runningShop(): Promise<RunningShop> {
  const started = await start()
  const send: RunningShop['send'] = async (method, path, body, headers = {}) => {
    const content = body && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }
    const response = await fetch(started.url + path, { method, headers, ...content })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
  }
  const rows: RunningShop['rows'] = async (path) => (await send('GET', path)).body as readonly Row[]
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    rows,
    async named(path, word) {
      const row = (await rows(path)).find((it) => it.name.includes(word))
      if (row === undefined) throw new Error(`nothing in ${path} is named ${word}`)
      return row
    },
    async done(method, path, body) {
      const answer = await send(method, path, body)
      if (answer.status > 201) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
      return (answer.body as Row).id
    },
    settled: () => started.settled(),
    refill: () => started.refill(),
    errors: started.errors,
    [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
  }
}

async function inThisProcess(): Promise<StartedShop> {
  const errors: string[] = []
  const host = await createHost(shop, {
    ...(await wiring()),
    persistence,
    log: (level, message, fields) => {
      if (level === 'error') errors.push(`${message} ${JSON.stringify(fields)}`)
    },
  })
  const { application } = host
  await sampleData(host)
  await host.settled()
  const http = createHttp({ system: shop, application, world: systemWorld, development: true })
  const { port } = await http.listen({ port: 0 })

  return {
    url: `http://127.0.0.1:${port}`,
    settled: () => host.settled(),
    refill: () => sampleData(host),
    errors,
    async [Symbol.asyncDispose]() {
      await http.close()
      await host.close()
    },
  }
}
