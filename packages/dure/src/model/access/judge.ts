import type { AccessRule } from '../../domain/access/access.ts'
import { ANONYMOUS, type Caller } from '../../kernel/caller.ts'

/** What is known by now of that which a rule may turn on. */
export interface Known {
  readonly input?: object
  /** The state of the aggregate, or the answer of the query. */
  readonly owned?: unknown
}

/** `open` where it turns on what is not known yet. */
export type Verdict = 'yes' | 'no' | 'open'

/** Whether a rule lets a caller in. Pure. */
export function judge(rule: AccessRule, caller: Caller, known: Known): Verdict {
  switch (rule.kind) {
    case 'everyone':
      return 'yes'
    case 'signedIn':
      return verdict(signed(caller))
    case 'role':
      return verdict(caller.roles?.some((it) => rule.names.includes(it)) ?? false)
    case 'tenant':
      return verdict(rule.names.length === 0 ? caller.tenant !== '' : rule.names.includes(caller.tenant))
    case 'service':
      return verdict(caller.service !== undefined && rule.names.includes(caller.service))
    case 'actor':
      return named(rule.of, caller, known.input)
    case 'owner':
      return named(rule.of, caller, known.owned)
    case 'anyOf':
      return either(rule.rules, caller, known, 'yes')
    default:
      return either(rule.rules, caller, known, 'no')
  }
}

const verdict = (it: boolean): Verdict => (it ? 'yes' : 'no')

/** Whether somebody has signed the request. */
export function signed({ actor }: Caller): boolean {
  return actor !== ANONYMOUS && actor !== ''
}

// Nobody in particular owns nothing, also where an empty text or "anonymous" stands as the owner.
function named(of: (it: never) => string | undefined, caller: Caller, it: unknown): Verdict {
  if (!signed(caller)) return 'no'
  return it === undefined ? 'open' : verdict(of(it as never) === caller.actor)
}

/** The first `end` settles it; else whatever is open, else the opposite. */
function either(rules: readonly AccessRule[], caller: Caller, known: Known, end: 'yes' | 'no'): Verdict {
  let open = false
  for (const rule of rules) {
    const it = judge(rule, caller, known)
    if (it === end) return end
    if (it === 'open') open = true
  }
  if (open) return 'open'
  return end === 'yes' ? 'no' : 'yes'
}
