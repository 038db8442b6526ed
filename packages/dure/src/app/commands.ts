import { Rejection } from '../domain/aggregate-definition.ts'
import { decide, type Decided } from '../domain/decide.ts'
import { asInput } from '../domain/fields/codec.ts'
import { idProblem } from '../domain/fields/ref.ts'
import { readInput } from '../domain/handle.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json, JsonObject } from '../kernel/json.ts'
import { sliceOf } from '../kernel/slice.ts'
import type { EventMeta, StoredReply, StreamId } from '../ports/event-store.ts'
import type { CommandAccepted, CommandCall, CommandRejected, CommandReply } from './calls.ts'
import { commandTargets, type CommandTarget } from './command-target.ts'
import { streamKey } from '../ports/storable.ts'
import { onState, type Baseline } from './baselines.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { derivedId, digest } from './digest.ts'
import { readingOf, type Asking, type Progress } from './reading.ts'
import { encodeEvents } from './repository.ts'
import { readToken, writeToken } from './token.ts'
import { Turns } from './turns.ts'

/** How often a decision that met a conflict is made again before the caller hears of it. */
const attempts = 8

/** What a factory decides on; that the id is free is for the store to say. */
const nothing: Baseline = { version: 0, state: undefined, ended: false, certain: true }

interface Work {
  readonly call: CommandCall
  readonly target: CommandTarget
  readonly stream: StreamId
  readonly input: object
  /** Of command and input, where the call has an idempotency key. */
  readonly request: string | undefined
}

/** Carries out the commands of one context's contract. */
export class Commands {
  readonly #context: ContextRuntime
  readonly #progress: Progress
  readonly #targets: ReadonlyMap<string, CommandTarget>
  readonly #turns = new Turns()

  constructor(context: ContextRuntime, progress: Progress) {
    this.#context = context
    this.#progress = progress
    this.#targets = commandTargets(context)
  }

  async carryOut(call: CommandCall, ask: Asking): Promise<CommandReply> {
    const target = this.#targets.get(call.command)
    if (target === undefined) {
      const known = [...this.#targets.keys()]
      throw fault('DURE_COMMAND_UNKNOWN', { context: call.context, command: call.command, known })
    }
    const { key, tenant } = call.envelope
    const values = this.#read(target, call.input)
    const request = key === undefined ? undefined : digest(call.context, call.command, call.input as Json)
    if (key !== undefined) {
      const known = await this.#known(tenant, key, request as string)
      if (known !== undefined) return known
    }
    try {
      const prepared = await this.#prepare(target, call, values, ask)
      const id = this.#idOf(target, call, values, prepared)
      const stream = { tenant, aggregate: target.aggregate.name, id }
      const work = { call, target, stream, input: prepared, request }
      return await this.#turns.take(streamKey(stream), () => this.#try(work))
    } catch (error) {
      // The first call under the key may have been stored meanwhile, and be the very reason why this one failed.
      const known = key === undefined ? undefined : await this.#known(tenant, key, request as string)
      if (known !== undefined) return known
      throw error
    }
  }

  #read(target: CommandTarget, input: unknown): object {
    const issues: Issue[] = []
    const values = target.contract.parse(input, issues, asInput)
    if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: target.name, issues })
    return values
  }

  async #prepare(target: CommandTarget, call: CommandCall, values: object, ask: Asking): Promise<object> {
    if (target.prepare === undefined) return values
    const { actor, tenant } = call.envelope
    const places = call.notBefore ? readToken(call.notBefore) : []
    const reading = readingOf(this.#context, this.#progress, ask, { actor, tenant, places })
    return (await target.prepare(values, reading)) as object
  }

  #idOf(target: CommandTarget, call: CommandCall, values: object, prepared: object): string {
    const { command } = target
    const given = (prepared as { id?: unknown }).id ?? (values as { id?: unknown }).id
    const id =
      command.mode === 'changes'
        ? given
        : (command.id?.(prepared) ?? (target.idApart ? given : undefined) ?? this.#newId(call))
    const problem = idProblem(id)
    if (problem === undefined) return id as string
    throw fault('DURE_ID_INVALID', { what: target.aggregate.name, id: String(id), reason: problem })
  }

  // With a key the id follows from it: two racing calls under one key then meet on one stream, and only one creates.
  #newId(call: CommandCall): string {
    const { key, tenant } = call.envelope
    return key === undefined
      ? this.#context.world.newId()
      : derivedId(call.context, call.command, tenant, key)
  }

  async #try(work: Work): Promise<CommandReply> {
    for (let attempt = 1; ; attempt++) {
      this.#checkDeadline(work)
      const reply = await this.#once(work, attempt > 1)
      if (reply !== 'conflict') return reply
      const { key, tenant } = work.call.envelope
      const known = key === undefined ? undefined : await this.#known(tenant, key, work.request as string)
      if (known !== undefined) return known
      const { aggregate, id } = work.stream
      if (work.target.command.mode === 'creates') throw fault('DURE_AGGREGATE_EXISTS', { aggregate, id })
      if (attempt === attempts) throw fault('DURE_COMMAND_CONTENDED', { aggregate, id, attempts })
      if (attempt > 1) await this.#stepAside(attempt)
    }
  }

  // Two processes that want one aggregate again and again let each other pass, for a time that chance makes unequal.
  #stepAside(attempt: number): Promise<void> {
    const { world } = this.#context
    return new Promise((resolve) => void world.after(world.random() * 2 ** (attempt + 1), resolve, true))
  }

  #checkDeadline(work: Work): void {
    const { deadline } = work.call.envelope
    if (deadline !== undefined && this.#context.world.now() > deadline) {
      throw fault('DURE_DEADLINE', { what: work.target.name })
    }
  }

  async #once(work: Work, read: boolean): Promise<CommandReply | 'conflict'> {
    const { target, stream, call } = work
    const before = await this.#load(work, read)
    const { world } = this.#context
    const now = world.now()
    const circumstances = { id: stream.id, now, newId: () => world.newId() }
    const { aggregate, command } = target
    const input = this.#inputOf(work)
    const decided = onState(before, () => decide(aggregate, command, before.state, input, circumstances))
    if (decided === undefined) return this.#once(work, true)
    const no = decided instanceof Rejection
    if (no) return this.#reject(work, decided, now)
    const events = encodeEvents(target.aggregate, decided.events)
    const accepted = this.#accepted(work, before.version, decided, now)
    const appends =
      events.length === 0 ? [] : [{ stream, expected: before.version, events, ends: decided.ended }]
    const reply = storedReply(work, accepted)
    if (appends.length === 0 && reply === undefined) return this.#withToken(accepted, stream, 0)
    const outcome = await this.#context.store.commit({
      at: now,
      meta: metaOf(call),
      appends,
      ...(reply && { reply }),
    })
    if (!outcome.ok) return 'conflict'
    const { state, ended } = decided
    this.#context.baselines.remember(stream, { version: accepted.version, state, ended })
    return this.#withToken(accepted, stream, outcome.positions[0] ?? 0)
  }

  #inputOf({ target, input }: Work): object {
    if (target.sameFields) return input
    if (!target.idApart) return readInput(target.command, input)
    const { id: _, ...own } = input as { readonly id?: unknown }
    return readInput(target.command, own)
  }

  async #load(work: Work, read: boolean): Promise<Baseline> {
    const { target, stream, call } = work
    const { aggregate, id } = stream
    if (target.command.mode === 'creates') return nothing
    const { baselines } = this.#context
    const expected = call.expectedVersion
    let before = await (read
      ? baselines.read(target.aggregate, stream)
      : baselines.recall(target.aggregate, stream))
    if (expected !== undefined && expected !== before.version && !before.certain) {
      before = await baselines.read(target.aggregate, stream)
    }
    if (before.version === 0) throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate, id })
    if (before.ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
    if (expected !== undefined && expected !== before.version) {
      throw fault('DURE_VERSION_STALE', { aggregate, id, expected, found: before.version })
    }
    return before
  }

  async #reject(work: Work, rejection: Rejection, now: Date): Promise<CommandReply | 'conflict'> {
    const shape = work.target.aggregate.rejections.get(rejection.rejected)
    const data = shape?.encode(rejection.data) ?? {}
    const answer: CommandRejected = { ok: false, rejected: rejection.rejected, data }
    const reply = storedReply(work, answer)
    if (reply === undefined) return answer
    const outcome = await this.#context.store.commit({ at: now, meta: metaOf(work.call), appends: [], reply })
    return outcome.ok ? answer : 'conflict'
  }

  #accepted(work: Work, before: number, decided: Decided, now: Date): Omit<CommandAccepted, 'token'> {
    const { call, stream, target } = work
    const { publications } = this.#context
    const { actor, tenant, correlation } = call.envelope
    const events = decided.events.flatMap((event, i) => {
      const definition = target.aggregate.events.get(event.type)
      if (definition === undefined || !publications.has(definition)) return []
      const message = { id: stream.id as never, at: now, version: before + i + 1, actor, tenant, correlation }
      return publications.of(definition, event.data, message)
    })
    const version = before + decided.events.length
    return { ok: true, id: stream.id, version, events, created: target.command.mode === 'creates' }
  }

  #withToken(accepted: Omit<CommandAccepted, 'token'>, stream: StreamId, position: number): CommandAccepted {
    const { name, store } = this.#context
    const place = { context: name, epoch: store.epoch, slice: sliceOf(stream.id), position }
    return { ...accepted, token: position === 0 ? '' : writeToken([place]) }
  }

  async #known(tenant: string, key: string, request: string): Promise<CommandReply | undefined> {
    const stored = await this.#context.store.findReply(tenant, key)
    if (stored === undefined) return undefined
    if (stored.request !== request) throw fault('DURE_KEY_REUSED', { key })
    const { aggregate, ...reply } = stored.reply as JsonObject & { aggregate: string }
    if (reply['ok'] !== true) return reply as unknown as CommandRejected
    // The position is drawn in the transaction that stores the reply, so it is looked up where it is asked for again.
    const accepted = reply as unknown as CommandAccepted
    const stream = { tenant, aggregate, id: accepted.id }
    const tail = await this.#context.store.readStream(stream, accepted.version - 1)
    return this.#withToken(accepted, stream, tail.events[0]?.position ?? 0)
  }
}

function storedReply(work: Work, answer: object): StoredReply | undefined {
  const { key, tenant } = work.call.envelope
  if (key === undefined || work.request === undefined) return undefined
  const reply = { ...answer, aggregate: work.stream.aggregate } as unknown as JsonObject
  return { tenant, key, request: work.request, reply }
}

function metaOf(call: CommandCall): EventMeta {
  const { id, actor, correlation, causation, traceparent } = call.envelope
  return {
    command: id,
    actor,
    correlation,
    ...(causation !== undefined && { causation }),
    ...(traceparent !== undefined && { traceparent }),
  }
}
