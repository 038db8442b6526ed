import type { Baseline } from '../app/baselines.ts'
import { streamKey } from '../ports/storable.ts'
import { findCommand } from '../app/command-target.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { derivedId } from '../app/digest.ts'
import { encodeEvents } from '../app/repository.ts'
import {
  Rejection,
  type AggregateDefinition,
  type CommandDefinition,
  type Emission,
} from '../domain/aggregate-definition.ts'
import { decide } from '../domain/decide.ts'
import { readInput } from '../domain/handle.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { IssuedCommand, PolicyDefinition } from '../model/policy.ts'
import type { Append, StreamId } from '../ports/event-store.ts'
import type { Incoming } from './incoming.ts'

/** What identifies a decision: ids made in it follow from the seed, so that deciding again makes the same ones. */
type Seed = readonly (string | number)[]

/** An aggregate as this message has changed it so far. */
interface Touched extends Baseline {
  readonly stream: StreamId
  readonly aggregate: AggregateDefinition
  readonly loaded: number
  readonly events: readonly Emission[]
}

/**
 * What a policy decides about one message: commands issued, decided one after the other on the state that the earlier ones
 * left. Nothing is stored here.
 */
export class PolicyEffects {
  readonly #context: ContextRuntime
  readonly #policy: PolicyDefinition
  /** Whether aggregates are read from the store, or may be remembered. */
  readonly #read: boolean
  readonly #touched = new Map<string, Touched>()
  #doubtful = false
  #remembered = false

  constructor(context: ContextRuntime, policy: PolicyDefinition, read: boolean) {
    this.#context = context
    this.#policy = policy
    this.#read = read
  }

  /** Something was decided that storing will not prove right: on a remembered state, without an event. Decide again on read ones. */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** Whether anything was decided on a remembered state: an error may come of that alone. */
  get remembered(): boolean {
    return this.#remembered
  }

  get appends(): readonly Append[] {
    return this.#changed().map(({ stream, aggregate, loaded, events, ended }) => ({
      stream,
      expected: loaded,
      events: encodeEvents(aggregate, events),
      ends: ended,
    }))
  }

  /** Tells the context what its aggregates are, once the appends are stored. */
  remember(): void {
    for (const { stream, version, state, ended } of this.#changed()) {
      this.#context.baselines.remember(stream, { version, state, ended })
    }
  }

  #changed(): readonly Touched[] {
    return [...this.#touched.values()].filter((it) => it.events.length > 0)
  }

  /** Decides what the policy issues for one message. */
  async decide(incoming: Incoming, seed: Seed): Promise<void> {
    const issued = this.#policy.run(incoming.data, incoming.message)
    await this.#carryOut(incoming, issued, seed, true)
  }

  async #carryOut(
    incoming: Incoming,
    issued: readonly IssuedCommand[],
    seed: Seed,
    mayAnswer: boolean,
  ): Promise<void> {
    const { name, onRejected } = this.#policy
    for (const [i, it] of issued.entries()) {
      const no = await this.#decideOne(incoming, it, [...seed, i])
      if (no === undefined) continue
      if (onRejected === undefined || !mayAnswer) {
        const { rejected } = no
        throw fault('DURE_POLICY_REJECTED', { policy: name, command: it.command.name, rejected })
      }
      const answer = onRejected({ ...no, command: it.as }, incoming.data, incoming.message)
      await this.#carryOut(incoming, answer, [...seed, i, 'rejected'], false)
    }
  }

  async #decideOne(
    incoming: Incoming,
    issued: IssuedCommand,
    seed: Seed,
  ): Promise<{ rejected: string; data: object; id: string; input: object } | undefined> {
    const where = `policy "${this.#policy.name}"`
    const { aggregate, command } = findCommand(this.#context, where, issued.command)
    const input = readInput(command, issued.input)
    const id = issued.id ?? command.id?.(input) ?? derivedId(...seed)
    const stream = { tenant: incoming.message.tenant, aggregate: aggregate.name, id }
    const before = this.#touched.get(streamKey(stream)) ?? (await this.#load(aggregate, stream))
    mustStand(command, before)
    let ids = 0
    const newId = (): string => derivedId(...seed, 'id', ids++)
    const circumstances = { id, now: this.#context.world.now(), newId }
    const decided = decide(aggregate, command, before.state, input, circumstances)
    const no = decided instanceof Rejection
    if (!before.certain && (no || decided.events.length === 0)) this.#doubtful = true
    if (no) return { rejected: decided.rejected, data: decided.data, id, input }
    const { state, ended } = decided
    const version = before.version + decided.events.length
    const events = [...before.events, ...decided.events]
    this.#touched.set(streamKey(stream), { ...before, version, state, ended, events })
    return undefined
  }

  async #load(aggregate: AggregateDefinition, stream: StreamId): Promise<Touched> {
    const { baselines } = this.#context
    const it = await (this.#read ? baselines.read(aggregate, stream) : baselines.recall(aggregate, stream))
    if (!it.certain) this.#remembered = true
    return { ...it, stream, aggregate, loaded: it.version, events: [] }
  }
}

function mustStand(command: CommandDefinition, it: Touched): void {
  const { aggregate, id } = it.stream
  if (it.ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
  if (it.version === 0 && command.mode === 'changes')
    throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate, id })
  if (it.version > 0 && command.mode === 'creates') throw fault('DURE_AGGREGATE_EXISTS', { aggregate, id })
}
