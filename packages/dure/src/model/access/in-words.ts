import type { AccessRule } from '../../domain/access/access.ts'

/** A decision about access in words: `role clerk, or the owner`. */
export function inWords(rule: AccessRule): string {
  switch (rule.kind) {
    case 'everyone':
      return 'everyone'
    case 'signedIn':
      return 'whoever is signed in'
    case 'role':
    case 'service':
      return `${rule.kind} ${rule.names.join(' or ')}`
    case 'tenant':
      return rule.names.length === 0 ? 'any tenant' : `tenant ${rule.names.join(' or ')}`
    case 'actor':
      return 'the actor that the input names'
    case 'owner':
      return 'the owner'
    case 'anyOf':
      return rule.rules.length === 0 ? 'nobody' : joined(rule.rules, ', or ')
    default:
      return joined(rule.rules, ' and ')
  }
}

function joined(rules: readonly AccessRule[], by: string): string {
  const parts = rules.map((it) => (isSeveral(it) && rules.length > 1 ? `(${inWords(it)})` : inWords(it)))
  return parts.join(by)
}

const isSeveral = (it: AccessRule): boolean => 'rules' in it && it.rules.length > 1
