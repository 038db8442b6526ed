/** The actor of a request that nobody has signed. */
export const ANONYMOUS = 'anonymous'

/** On whose behalf something is asked: what decisions about access are made on. */
export interface Caller {
  /** Who acts: a user, `service:Ordering` for a service on its own behalf, or `anonymous`. */
  readonly actor: string
  /** Whose data it is about; the empty text in a system without tenants. */
  readonly tenant: string
  readonly roles?: readonly string[]
  /** The context that calls, where a context does, be it on its own behalf or on that of the actor. */
  readonly service?: string
  /** Code of this system on its own behalf: whether it may is not asked. Never comes in over a network. */
  readonly trusted?: boolean
}

/** Only what a caller is, of something that has more. */
export function callerOf({ actor, tenant, roles, service, trusted }: Caller): Caller {
  return {
    actor,
    tenant,
    ...(roles !== undefined && { roles }),
    ...(service !== undefined && { service }),
    ...(trusted !== undefined && { trusted }),
  }
}
