import type { Refused } from '../kernel/type-error.ts'
import type { Aggregate, AnyAggregate, IdOf } from './aggregate.ts'
import type { Created, Loaded } from './handle.ts'

type EndsOf<A> =
  A extends Aggregate<infer _N, infer _S, infer _E, infer _R, infer L, infer _C> ? L['ends'] : never

type Deletable<A> = [EndsOf<A>] extends [never]
  ? Refused<'this aggregate declares no .ends(…) event, so it cannot be deleted'>
  : Loaded<A>

/**
 * The collection of all aggregates of one kind (Evans, Domain-Driven Design, ch. 6): restores them from their events and
 * saves what was decided.
 */
export interface Repository<A extends AnyAggregate> {
  /**
   * The aggregate with this id.
   * @throws DURE_AGGREGATE_NOT_FOUND, DURE_AGGREGATE_ENDED, DURE_EVENT_UNKNOWN and its kin for events it cannot read.
   */
  load(id: IdOf<A>): Promise<Loaded<A>>
  /** As `load`; undefined for one that does not exist or was deleted. */
  find(id: IdOf<A>): Promise<Loaded<A> | undefined>
  /** The factories: each makes a new aggregate that `save` stores. */
  readonly create: Created<A>
  /**
   * Appends what was decided since `load`, in one transaction; nothing decided, nothing written.
   * @throws DURE_VERSION_CONFLICT when somebody else changed it meanwhile, DURE_AGGREGATE_EXISTS for a new one whose id
   * is taken. Nothing is stored then.
   */
  save(aggregate: Loaded<A>): Promise<void>
  /**
   * Appends the ending event, for an aggregate with exactly one `.ends` event, whose fields are all optional. Otherwise
   * delete by a command that emits it. The id is never used again.
   */
  delete(aggregate: Deletable<A>): Promise<void>
}
