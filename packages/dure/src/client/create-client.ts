import type { CommandAccepted, CommandReply } from '../app/calls.ts'
import type { Client } from '../app/client.ts'
import { remoteFault } from '../kernel/errors/remote/remote-fault.ts'
import type { Limits } from '../kernel/limits.ts'
import { jsonText } from '../kernel/plain-json.ts'
import type { World } from '../kernel/world.ts'
import { readAnswer, readRejection } from '../model/shapes-of-call.ts'
import { browserWorld } from './browser-world.ts'
import { callerOver } from './caller.ts'
import { fetchSend, type Fetch } from './fetch-send.ts'
import type { RetryOptions } from './retries.ts'

export interface ClientOptions {
  /** Where the system answers, such as `https://shop.example`; in a browser the origin of the page when absent. */
  readonly url?: string
  /** The bearer token of who asks; a function is called for each request, so that a token can be renewed. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>)
  /** Further headers of each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long a call may take that says nothing itself, in milliseconds: 10,000. */
  readonly timeoutMs?: number
  readonly retry?: RetryOptions
  /** Another `fetch` than the global one. */
  readonly fetch?: Fetch
  readonly world?: World
}

/**
 * Speaks over HTTP to the contexts of a system by their contracts, from a browser or a script: the same `ask`, `tell` and
 * `insist` as a client in the process. Queries are tried again while they fail on the way; so are commands, under a key that
 * the client makes where none is given.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { token, headers = {}, timeoutMs = 10_000, retry, world = browserWorld } = options
  const { url = '', fetch = globalThis.fetch.bind(globalThis) } = options
  const identity = async (): Promise<Readonly<Record<string, string>>> => {
    const bearer = typeof token === 'function' ? await token() : token
    return bearer === undefined ? headers : { ...headers, authorization: `Bearer ${bearer}` }
  }
  const caller = callerOver(fetchSend(url.replace(/\/$/, ''), fetch), { world, timeoutMs, retry, identity })
  const tell = async (it: Target, input: unknown, options: TellOptions = {}): Promise<CommandReply> => {
    const id = world.newId()
    const envelope = { id, ...nobody, correlation: id, ...options }
    const call = { context: it.context, command: it.name, input, envelope, ...options }
    return readRejection(it, await caller.command(call))
  }
  const client = {
    tell,
    async insist(it: Target, input: unknown, options?: TellOptions): Promise<CommandAccepted> {
      const reply = await tell(it, input, options)
      if (reply.ok) return reply
      const { rejected, data } = reply
      const command = `${it.context}.${it.name}`
      throw remoteFault('DURE_REJECTED', { command, rejected, data: jsonText(data) })
    },
    async ask(it: Target, input: unknown, options: Limits & { readonly notBefore?: string } = {}) {
      return readAnswer(
        it,
        await caller.query({ context: it.context, query: it.name, input, ...nobody, ...options }),
      )
    },
  }
  return client as unknown as Client
}

// Who asks stands in the token, and nowhere else.
const nobody = { actor: '', tenant: '' }

interface Target {
  readonly context: string
  readonly name: string
}

interface TellOptions extends Limits {
  readonly key?: string
  readonly expectedVersion?: number
  readonly notBefore?: string
}
