import { Rejection } from '../domain/aggregate-definition.ts'
import { decide, type Decided } from '../domain/decide.ts'
import { asInput } from '../domain/fields/codec.ts'
import { idProblem } from '../domain/fields/ref.ts'
import { readInput } from '../domain/handle.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import { refuseLate, untilDeadline } from '../kernel/limits.ts'
import { admit, admits, enter } from '../model/access/guard.ts'
import type { EventMeta, StreamId } from '../ports/event-store.ts'
import { streamKey } from '../ports/storable.ts'
import type { CommandCall, CommandRejected, CommandReply } from './calls.ts'
import { commandTargets, type CommandTarget } from './command-target.ts'
import { onState } from './aggregates/baselines.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { derivedId } from './digest.ts'
import { nothing, type Baseline } from './aggregates/keeper.ts'
import { readingOf, type Asking, type Progress } from './reading.ts'
import { rejectionOf } from './aggregates/unique.ts'
import {
  findReply,
  keyedOf,
  ownKeyOf,
  replyToStore,
  withToken,
  type Accepted,
  type Keyed,
} from './replies.ts'
import { readToken } from './token.ts'
import { Turns } from './turns.ts'

/** How often a decision that met a conflict is made again before the caller hears of it. */
const attempts = 8

interface Work {
  readonly call: CommandCall
  readonly target: CommandTarget
  readonly stream: StreamId
  readonly input: object
  readonly keyed: Keyed | undefined
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

  // A hop from one async function to another is paid by every command: few of them, and none that only hands on.
  carryOut(call: CommandCall, ask: Asking): Promise<CommandReply> {
    const target = this.#targets.get(call.command)
    if (target === undefined) {
      const known = [...this.#targets.keys()]
      throw fault('DURE_COMMAND_UNKNOWN', { context: call.context, command: call.command, known })
    }
    const { guards } = target
    if (guards !== undefined) enter(guards, call.envelope)
    const values = this.#read(target, call.input)
    if (guards?.door !== undefined) admit(guards.door, call.envelope, { input: values })
    const keyed = guards?.personal === true ? ownKeyOf(call) : keyedOf(call)
    return keyed === undefined
      ? this.#carryOut(target, call, values, undefined, ask)
      : this.#underKey(target, call, values, keyed, ask)
  }

  async #underKey(
    target: CommandTarget,
    call: CommandCall,
    values: object,
    keyed: Keyed,
    ask: Asking,
  ): Promise<CommandReply> {
    const known = await findReply(this.#context, keyed)
    if (known !== undefined) return known
    try {
      return await this.#carryOut(target, call, values, keyed, ask)
    } catch (error) {
      // The first call under the key may have been stored meanwhile, and be the very reason why this one failed.
      const first = await findReply(this.#context, keyed)
      if (first !== undefined) return first
      throw error
    }
  }

  #carryOut(
    target: CommandTarget,
    call: CommandCall,
    values: object,
    keyed: Keyed | undefined,
    ask: Asking,
  ): Promise<CommandReply> {
    if (target.prepare === undefined) return this.#inTurn(target, call, values, values, keyed)
    return this.#prepare(target, call, values, ask).then((input) =>
      this.#inTurn(target, call, values, input, keyed),
    )
  }

  #inTurn(
    target: CommandTarget,
    call: CommandCall,
    values: object,
    input: object,
    keyed: Keyed | undefined,
  ): Promise<CommandReply> {
    const id = this.#idOf(target, call, values, input)
    const stream = { tenant: call.envelope.tenant, aggregate: target.aggregate.name, id }
    return this.#turns.take(streamKey(stream), () => this.#try({ call, target, stream, input, keyed }))
  }

  #read(target: CommandTarget, input: unknown): object {
    const issues: Issue[] = []
    const values = target.contract.parse(input, issues, asInput)
    if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: target.name, issues })
    return values
  }

  async #prepare(target: CommandTarget, call: CommandCall, values: object, ask: Asking): Promise<object> {
    const { id: _, key: __, causation: ___, ...who } = call.envelope
    const places = call.notBefore ? readToken(call.notBefore) : []
    const { world } = this.#context
    refuseLate(who, world, target.name)
    const reading = readingOf(this.#context, this.#progress, ask, { ...who, places })
    const prepared = Promise.resolve(target.prepare?.(values, reading))
    return (await untilDeadline(prepared, who, world, target.name)) as object
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
      refuseLate(work.call.envelope, this.#context.world, work.target.name)
      const reply = await this.#once(work, attempt > 1)
      if (reply !== 'conflict') return reply
      const known = work.keyed && (await findReply(this.#context, work.keyed))
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

  async #once(work: Work, read: boolean): Promise<CommandReply | 'conflict'> {
    const { target, stream } = work
    const loaded = this.#load(work, read)
    const before = loaded instanceof Promise ? await loaded : loaded
    const { world } = this.#context
    const now = world.now()
    const circumstances = { id: stream.id, now, newId: () => world.newId() }
    const { aggregate, command } = target
    const input = this.#inputOf(work)
    const decided = onState(before, () => decide(aggregate, command, before.state, input, circumstances))
    if (decided === undefined) return await this.#once(work, true)
    if (decided instanceof Rejection) return await this.#reject(work, decided, now)
    return await this.#store(work, before, decided, now)
  }

  async #store(
    work: Work,
    before: Baseline,
    decided: Decided,
    now: Date,
  ): Promise<CommandReply | 'conflict'> {
    const { target, stream, call, keyed } = work
    const { store, baselines } = this.#context
    const accepted = this.#accepted(work, before.version, decided, now)
    const next = decided.events.length === 0 ? undefined : target.keeper.next(stream, before, decided)
    if (next === undefined && keyed === undefined)
      return withToken(this.#context, accepted, stream, undefined)
    const unit = { at: now, meta: metaOf(call), appends: next === undefined ? [] : [next.append] }
    const outcome = await store.commit(
      keyed === undefined ? unit : { ...unit, reply: replyToStore(keyed, stream, accepted) },
    )
    if (outcome.ok) {
      if (next !== undefined) baselines.remember(target.keeper, stream, next.after)
      return withToken(this.#context, accepted, stream, outcome.positions[0])
    }
    if (outcome.reason === 'unique' && before.certain) {
      return this.#reject(work, rejectionOf(target.aggregate, outcome.claim, decided), now)
    }
    return 'conflict'
  }

  #inputOf({ target, input }: Work): object {
    if (target.sameFields) return input
    if (!target.idApart) return readInput(target.command, input)
    const { id: _, ...own } = input as { readonly id?: unknown }
    return readInput(target.command, own)
  }

  #load(work: Work, read: boolean): Baseline | Promise<Baseline> {
    if (work.target.command.mode === 'creates') {
      this.#admit(work, nothing)
      return nothing
    }
    const known = read ? undefined : this.#context.baselines.known(work.stream)
    const expected = work.call.expectedVersion
    const fits = known !== undefined && (expected === undefined || expected === known.version)
    return fits && this.#admit(work, known) ? this.#checked(work, known, true) : this.#readAnew(work)
  }

  async #readAnew(work: Work): Promise<Baseline> {
    const before = await this.#context.baselines.read(work.target.keeper, work.stream)
    return this.#checked(work, before, this.#admit(work, before))
  }

  #checked({ stream, call }: Work, before: Baseline, admitted: boolean): Baseline {
    const { aggregate, id } = stream
    const expected = call.expectedVersion
    if (before.version === 0 || !admitted) throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate, id })
    if (before.ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
    if (expected !== undefined && expected !== before.version) {
      throw fault('DURE_VERSION_STALE', { aggregate, id, expected, found: before.version })
    }
    return before
  }

  // To whom it does not belong, an aggregate is one that does not exist; so this comes before all that would tell of it.
  #admit(work: Work, { state }: Baseline): boolean {
    const guard = work.target.guards?.aggregate
    if (guard === undefined) return true
    const input = this.#inputOf(work)
    const { envelope } = work.call
    return admit(guard, envelope, { input }) || admits(guard, envelope, { input, owned: state })
  }

  async #reject(work: Work, rejection: Rejection, now: Date): Promise<CommandReply | 'conflict'> {
    const shape = work.target.aggregate.rejections.get(rejection.rejected)
    const data = shape?.encode(rejection.data) ?? {}
    const answer: CommandRejected = { ok: false, rejected: rejection.rejected, data }
    if (work.keyed === undefined) return answer
    const reply = replyToStore(work.keyed, work.stream, answer)
    const outcome = await this.#context.store.commit({ at: now, meta: metaOf(work.call), appends: [], reply })
    return outcome.ok ? answer : 'conflict'
  }

  #accepted(work: Work, before: number, decided: Decided, now: Date): Accepted {
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
