import type { AccessRule } from '../../domain/access/access.ts'
import type { AccessDescription } from './model-format.ts'

/** A decision about access as data; of `actor` and `owner` only that they are. */
export function describeAccess(rule: AccessRule): AccessDescription {
  if ('rules' in rule) return { kind: rule.kind, rules: rule.rules.map(describeAccess) }
  return 'names' in rule ? { kind: rule.kind, names: rule.names } : { kind: rule.kind }
}
