import { fault } from '../../kernel/errors/fault.ts'

/** A decision about access as data: what checks, documents and pictures read. */
export type AccessRule =
  | { readonly kind: 'everyone' | 'signedIn' }
  | { readonly kind: 'role' | 'tenant' | 'service'; readonly names: readonly string[] }
  | { readonly kind: 'actor'; readonly of: (input: never) => string | undefined }
  | { readonly kind: 'owner'; readonly of: (owned: never) => string | undefined }
  | { readonly kind: 'anyOf' | 'allOf'; readonly rules: readonly AccessRule[] }

/**
 * Who may give a command or ask a query. `Owned` is what `owner` looks at, the state of the aggregate or the answer of the
 * query; `In` is what `actor` looks at, the input. What it looks at is all that the types tell apart.
 */
export interface Access<in Owned = unknown, in In = unknown> extends OnOwned<Owned>, OnInput<In> {}

/** A decision that looks at the input, or at nothing. */
export interface OnInput<in In> {
  readonly kind: AccessRule['kind']
  /** Types only. */
  readonly '~in'?: (it: In) => void
}

/** A decision that looks at what is owned, or at nothing. */
export interface OnOwned<in Owned> {
  readonly kind: AccessRule['kind']
  /** Types only. */
  readonly '~owned'?: (it: Owned) => void
}

/** Whoever asks, signed in or not. */
export const everyone: AccessRule = { kind: 'everyone' }

/** Whoever is signed in: a user or a service. */
export const signedIn: AccessRule = { kind: 'signedIn' }

/** Whoever has one of these roles. */
export function role(...names: readonly [string, ...string[]]): AccessRule {
  return { kind: 'role', names: named('role', names) }
}

/** Whoever acts for one of these tenants; without names, for any. A tenant never sees the data of another, whatever is allowed. */
export function tenant(...names: readonly string[]): AccessRule {
  return { kind: 'tenant', names }
}

/** One of these contexts, on its own behalf or that of whoever asked it. A context may always ask itself. */
export function service(...names: readonly [string, ...string[]]): AccessRule {
  return { kind: 'service', names: named('service', names) }
}

/**
 * The actor that the input names: a customer may order for that customer only. Decided before anything is done; who is
 * somebody else is told so.
 */
export function actor<In>(of: (input: In) => string | undefined): OnInput<In> {
  return { kind: 'actor', of } satisfies AccessRule as OnInput<In>
}

/**
 * The actor that the thing itself names, the aggregate as loaded or the answer of the query. To anybody else it does not
 * exist: the answer is the one for an id that was never used.
 */
export function owner<Owned>(of: (owned: Owned) => string | undefined): OnOwned<Owned> {
  return { kind: 'owner', of } satisfies AccessRule as OnOwned<Owned>
}

/** Whoever one of these lets in; without any, nobody. */
export function anyOf<Owned, In>(...rules: readonly Access<Owned, In>[]): Access<Owned, In> {
  return { kind: 'anyOf', rules: rules as readonly AccessRule[] } as Access<Owned, In>
}

/** Whoever all of these let in. */
export function allOf<Owned, In>(
  ...rules: readonly [Access<Owned, In>, ...Access<Owned, In>[]]
): Access<Owned, In> {
  return { kind: 'allOf', rules: rules as readonly AccessRule[] } as Access<Owned, In>
}

// `allow: role(process.env.ADMIN)` must not let in whoever has the role "undefined", or nobody for ever.
function named(what: string, names: readonly string[]): readonly string[] {
  if (names.length > 0 && names.every((it) => typeof it === 'string' && it !== '')) return names
  throw fault('DURE_MODEL_INVALID', {
    where: `${what}(…)`,
    reason: 'it names nothing.',
    fix: `Give it the names as texts: ${what}('${what === 'role' ? 'clerk' : 'Ordering'}').`,
  })
}
