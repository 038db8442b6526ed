import type { Baseline, Keeper, Remembered } from '../app/aggregates/keeper.ts'
import { streamKey } from '../ports/storable.ts'
import { findCommand } from '../app/command-target.ts'
import type { ContextRuntime } from '../app/context-runtime.ts'
import { derivedId } from '../app/digest.ts'
import { rejectionOf } from '../app/aggregates/unique.ts'
import { Rejection, type CommandDefinition, type Emission } from '../domain/aggregate-definition.ts'
import { decide, type Decided } from '../domain/decide.ts'
import { readInput } from '../domain/handle.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { IssuedCommand } from '../model/issuing.ts'
import { claimsOf } from '../persistence/claims.ts'
import type { Append, EventMeta, StreamId } from '../ports/event-store.ts'
import type { Claim } from '../ports/state-store.ts'

/** What identifies a decision: ids made in it follow from the seed, so that deciding again makes the same ones. */
type Seed = readonly (string | number)[]

/** An aggregate as these messages have changed it so far. */
interface Touched extends Pick<Baseline, 'version' | 'state' | 'ended' | 'certain'> {
  readonly stream: StreamId
  readonly keeper: Keeper
  readonly loaded: Baseline
  readonly events: readonly Emission[]
  /** What caused each of the events. */
  readonly causes: readonly EventMeta[]
}

/** A value that the store has refused a stream, because another aggregate has it. */
export interface Taken {
  readonly stream: StreamId
  readonly claim: Claim
}

/** Who issues commands: a policy, a job, a poller. */
export interface Issuer {
  /** `policy "reserve stock"`. */
  readonly where: string
  /** The error for a no that nobody answers. */
  readonly unanswered: (command: string, rejected: string) => Error
  /**
   * What creates twice under an id that follows from the same seed has happened already, and is passed over: for issuers whose
   * seed names one thing for ever.
   */
  readonly absorbs?: boolean
}

/** What is issued on one occasion: for a message, for an item. */
export interface Occasion {
  readonly tenant: string
  readonly issue: () => readonly IssuedCommand[]
  /** What to do about a no; absent where nobody answers it. */
  readonly answer: ((rejection: object) => readonly IssuedCommand[]) | undefined
}

/**
 * What is decided on some occasions: commands issued, decided one after the other on the state that the earlier ones left.
 * Nothing is stored here.
 */
export class Effects {
  readonly #context: ContextRuntime
  readonly #issuer: Issuer
  /** Whether aggregates are read from the store, or may be remembered. */
  readonly #read: boolean
  readonly #touched = new Map<string, Touched>()
  readonly #taken: readonly Taken[]
  readonly #after = new Map<StreamId, { readonly keeper: Keeper; readonly after: Remembered }>()
  #doubtful = false
  #remembered = false
  #cause: EventMeta | undefined

  constructor(context: ContextRuntime, issuer: Issuer, read: boolean, taken: readonly Taken[] = []) {
    this.#context = context
    this.#issuer = issuer
    this.#read = read
    this.#taken = taken
  }

  /** Something was decided that storing will not prove right: on a remembered state, without an event. Decide again on read ones. */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** Whether anything was decided on a remembered state: an error may come of that alone. */
  get remembered(): boolean {
    return this.#remembered
  }

  /** What is to be stored; asked once. */
  appends(): readonly Append[] {
    return this.#changed().map(({ stream, keeper, loaded, events, causes, state, ended }) => {
      const { append, after } = keeper.next(stream, loaded, { events, state, ended })
      this.#after.set(stream, { keeper, after })
      const caused = append.events.map((it, i) => ({ ...it, meta: causes[i] as EventMeta }))
      return { ...append, events: caused }
    })
  }

  /** Tells the context what its aggregates are, once the appends are stored. */
  remember(): void {
    for (const [stream, { keeper, after }] of this.#after) {
      this.#context.baselines.remember(keeper, stream, after)
    }
  }

  #changed(): readonly Touched[] {
    return [...this.#touched.values()].filter((it) => it.events.length > 0)
  }

  /** Decides what is issued on one occasion; `cause` is told with every event of it. */
  async decide(occasion: Occasion, seed: Seed, cause: EventMeta): Promise<void> {
    this.#cause = cause
    await this.#carryOut(occasion.tenant, occasion.issue(), seed, occasion.answer)
  }

  async #carryOut(
    tenant: string,
    issued: readonly IssuedCommand[],
    seed: Seed,
    answer: Occasion['answer'],
  ): Promise<void> {
    for (const [i, it] of issued.entries()) {
      const no = await this.#decideOne(tenant, it, [...seed, i])
      if (no === undefined) continue
      if (answer === undefined) throw this.#issuer.unanswered(it.command.name, no.rejected)
      const answers = answer({ ...no, command: it.as })
      await this.#carryOut(tenant, answers, [...seed, i, 'rejected'], undefined)
    }
  }

  async #decideOne(
    tenant: string,
    issued: IssuedCommand,
    seed: Seed,
  ): Promise<{ rejected: string; data: object; id: string; input: object } | undefined> {
    const { keeper, command } = findCommand(this.#context, this.#issuer.where, issued.command)
    const { aggregate } = keeper
    const input = readInput(command, issued.input)
    const given = issued.id ?? command.id?.(input)
    const id = given ?? derivedId(...seed)
    const stream = { tenant, aggregate: aggregate.name, id }
    const before = this.#touched.get(streamKey(stream)) ?? (await this.#load(keeper, stream))
    const again = given === undefined && command.mode === 'creates' && before.version > 0
    if (again && this.#issuer.absorbs === true) return undefined
    mustStand(command, before)
    let ids = 0
    const newId = (): string => derivedId(...seed, 'id', ids++)
    const circumstances = { id, now: this.#context.world.now(), newId }
    const decided = this.#unlessTaken(
      keeper,
      stream,
      decide(aggregate, command, before.state, input, circumstances),
    )
    const no = decided instanceof Rejection
    if (!before.certain && (no || decided.events.length === 0)) this.#doubtful = true
    if (no) return { rejected: decided.rejected, data: decided.data, id, input }
    const { state, ended } = decided
    const version = before.version + decided.events.length
    const events = [...before.events, ...decided.events]
    const causes = [...before.causes, ...decided.events.map(() => this.#cause as EventMeta)]
    this.#touched.set(streamKey(stream), { ...before, version, state, ended, events, causes })
    return undefined
  }

  /** The store has told before that another aggregate has the value, so the answer is the domain's no. */
  #unlessTaken({ aggregate }: Keeper, stream: StreamId, decided: Decided | Rejection): Decided | Rejection {
    if (this.#taken.length === 0 || decided instanceof Rejection) return decided
    const key = streamKey(stream)
    const refused = this.#taken.filter((it) => streamKey(it.stream) === key).map((it) => it.claim)
    const claim = claimsOf(aggregate, decided.state).find((it) =>
      refused.some(({ name, value }) => name === it.name && value === it.value),
    )
    return claim === undefined ? decided : rejectionOf(aggregate, claim, decided)
  }

  async #load(keeper: Keeper, stream: StreamId): Promise<Touched> {
    const { baselines } = this.#context
    const it = await (this.#read ? baselines.read(keeper, stream) : baselines.recall(keeper, stream))
    if (!it.certain) this.#remembered = true
    const { version, state, ended, certain } = it
    return { version, state, ended, certain, stream, keeper, loaded: it, events: [], causes: [] }
  }
}

function mustStand(command: CommandDefinition, it: Touched): void {
  const { aggregate, id } = it.stream
  if (it.ended) throw fault('DURE_AGGREGATE_ENDED', { aggregate, id })
  if (it.version === 0 && command.mode === 'changes')
    throw fault('DURE_AGGREGATE_NOT_FOUND', { aggregate, id })
  if (it.version > 0 && command.mode === 'creates') throw fault('DURE_AGGREGATE_EXISTS', { aggregate, id })
}
