import type { ContextRuntime } from '../app/context-runtime.ts'
import type { PublishedLog } from '../app/published-log.ts'
import type { ContextDefinition } from '../model/context.ts'
import { RemoteSource } from './bus/remote-source.ts'
import type { Origins } from './hearing.ts'
import { originElsewhere, type EventOrigin } from './incoming.ts'
import { localSource, type Source } from './source.ts'

/** A context that runs in other processes, and how they are asked for its log. */
export interface Elsewhere {
  readonly definition: ContextDefinition
  readonly log: PublishedLog
}

/** Where the events of every context come from that can be heard here. */
export class Sources {
  readonly origins: Origins
  readonly elsewhere: readonly RemoteSource[]
  readonly #local: ReadonlyMap<string, ContextRuntime>

  constructor(contexts: readonly ContextRuntime[], elsewhere: readonly Elsewhere[]) {
    this.#local = new Map(contexts.map((it) => [it.name, it]))
    this.elsewhere = elsewhere.map((it) => new RemoteSource(it.definition.name, it.log))
    const remote = elsewhere.map(({ definition }) => [definition.name, originElsewhere(definition)] as const)
    this.origins = new Map<string, EventOrigin>([...remote, ...this.#local])
  }

  /** The log of a context that runs here. */
  local(name: string): ContextRuntime | undefined {
    return this.#local.get(name)
  }

  /** The log of a context that runs elsewhere. */
  remote(name: string): RemoteSource | undefined {
    return this.elsewhere.find((it) => it.name === name)
  }

  /** The log of a context that `origins` has. */
  of(name: string): Source {
    return this.remote(name) ?? localSource(this.#local.get(name) as ContextRuntime)
  }
}
