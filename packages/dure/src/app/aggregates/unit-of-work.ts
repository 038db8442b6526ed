import type { AnyAggregate } from '../../domain/aggregate.ts'
import type { Repository } from '../../domain/repository.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { Append, CommitOutcome, EventMeta } from '../../ports/event-store.ts'
import { streamKey } from '../../ports/storable.ts'
import type { JoinedStore, SqlTransaction } from '../../ports/transact.ts'
import type { Speaker } from '../client.ts'
import type { ContextRuntime } from '../context-runtime.ts'
import type { Keeper, Remembered } from './keeper.ts'
import { repositoryOf, type Loading } from './repository.ts'
import { refusal, type Saved, type Saving } from './saving.ts'

/** What is done in one transaction: several aggregates of one context, and SQL of one's own beside them. */
export interface UnitOfWork {
  /** As the context's repository, but what is saved is stored at the end, all of it or nothing. */
  readonly repository: <A extends AnyAggregate>(aggregate: A) => Repository<A>
  /**
   * The transaction, for SQL of one's own.
   * @throws DURE_TRANSACTION_UNSUPPORTED on a store without SQL
   */
  readonly sql: SqlTransaction
}

/** The repositories of a context whose saves are stored one by one. */
export function savingAtOnce(context: ContextRuntime, speaker: Speaker): Saving {
  return {
    async save(it) {
      const remember = await storeAll(context, context.store, speaker, [it])
      remember()
    },
  }
}

/** Collects what is saved in a unit of work (Fowler, Patterns of Enterprise Application Architecture, p. 184). */
class Collected implements Saving {
  readonly #saved = new Map<string, Saved>()

  get all(): readonly Saved[] {
    return [...this.#saved.values()]
  }

  /** A handle saved again after more was decided on it takes the place of the first. */
  async save(it: Saved): Promise<void> {
    const key = streamKey(it.stream)
    const first = this.#saved.get(key)
    if (first !== undefined && !continues(first, it)) {
      const { aggregate, id } = it.stream
      throw fault('DURE_UNIT_TWICE', { aggregate, id })
    }
    this.#saved.set(key, it)
  }
}

/** Runs a unit of work: what it saved is stored together when it resolves; nothing is when it rejects. */
export async function unitOfWork<T>(
  context: ContextRuntime,
  speaker: Speaker,
  work: (unit: UnitOfWork) => Promise<T>,
): Promise<T> {
  const { store } = context
  const collected = new Collected()
  let remember: (() => void) | undefined
  const run = async (joined: JoinedStore, sql: SqlTransaction | undefined): Promise<T> => {
    const result = await work(unitOver(context, speaker, joined, collected, sql))
    remember = await storeAll(context, joined, speaker, collected.all)
    return result
  }
  const result = await (store.transact === undefined
    ? run(store, undefined)
    : store.transact(async (sql, joined) => run(joined, sql)))
  remember?.()
  return result
}

/** The repositories of a context inside a transaction that somebody else began and will end. */
export interface JoinedWork {
  readonly repository: <A extends AnyAggregate>(aggregate: A) => Repository<A>
  /** Tells views and policies of this process that there is news; without it they find it within a second. */
  committed(): void
}

/**
 * A unit of work over a transaction of the user's own: every save is stored in it at once.
 * @throws DURE_TRANSACTION_UNSUPPORTED on a store without SQL
 */
export function workWithin(context: ContextRuntime, speaker: Speaker, client: object): JoinedWork {
  const { store } = context
  if (store.within === undefined) throw fault('DURE_TRANSACTION_UNSUPPORTED', { store: context.name })
  const joined = store.within(client)
  const saving: Saving = {
    async save(it) {
      await storeAll(context, joined, speaker, [it])
      // Whether the transaction commits is not for us to know.
      context.baselines.forget(it.stream)
    },
  }
  return {
    repository: (aggregate) =>
      repositoryOf(
        keeperOf(context, aggregate),
        loadingFrom(joined),
        context.world,
        speaker.tenant ?? '',
        saving,
      ),
    committed: () => joined.committed(),
  }
}

/** How a context keeps an aggregate of its own. */
export function keeperOf(context: ContextRuntime, aggregate: AnyAggregate): Keeper {
  const found = context.keepers.get(aggregate.name)
  if (found !== undefined) return found
  throw fault('DURE_MODEL_INVALID', {
    where: `context ${context.name}`,
    reason: `the aggregate ${String(aggregate.name)} is not one of its own.`,
    fix: 'A transaction is of one context: do the rest with a policy or a saga.',
  })
}

function loadingFrom(joined: JoinedStore): Loading {
  return {
    read: async (keeper, stream) => keeper.restored(stream, await joined.readHistory(stream)),
  }
}

function unitOver(
  context: ContextRuntime,
  speaker: Speaker,
  joined: JoinedStore,
  saving: Saving,
  sql: SqlTransaction | undefined,
): UnitOfWork {
  return {
    repository: (aggregate) =>
      repositoryOf(
        keeperOf(context, aggregate),
        loadingFrom(joined),
        context.world,
        speaker.tenant ?? '',
        saving,
      ),
    get sql() {
      if (sql === undefined) throw fault('DURE_TRANSACTION_UNSUPPORTED', { store: context.name })
      return sql
    },
  }
}

/** Stores all of it as one commit; resolves to what is to be done once it is certain. */
async function storeAll(
  { world, baselines }: ContextRuntime,
  store: Pick<JoinedStore, 'commit'>,
  speaker: Speaker,
  saved: readonly Saved[],
): Promise<() => void> {
  const next = saved.map((it) => it.keeper.next(it.stream, it.before, it.decided))
  if (next.length === 0) return () => undefined
  const appends: readonly Append[] = next.map((it) => it.append)
  const outcome: CommitOutcome = await store.commit({
    at: world.now(),
    meta: metaOf(world, speaker),
    appends,
  })
  if (!outcome.ok) throw refusal(outcome, saved)
  return () => {
    for (const [i, { keeper, stream }] of saved.entries()) {
      baselines.remember(keeper, stream, next[i]?.after as Remembered)
    }
  }
}

function metaOf(world: ContextRuntime['world'], { actor }: Speaker): EventMeta {
  return { command: world.newId(), actor, correlation: world.newId() }
}

function continues(first: Saved, then: Saved): boolean {
  const [a, b] = [first.decided.events, then.decided.events]
  return first.before === then.before && a.length <= b.length && a.every((it, i) => it === b[i])
}
