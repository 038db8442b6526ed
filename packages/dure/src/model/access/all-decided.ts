import type { AccessRule } from '../../domain/access/access.ts'
import { contractsOf } from '../system.ts'
import { accessDecisions, decidesAccess } from './decisions.ts'
import { finding, type Rule } from '../check/finding.ts'

/** Where a system says who may, every command and query says it, and the services that it names are its contexts. */
export const allDecided: Rule = function* (system) {
  if (!decidesAccess(system)) return
  const known = contractsOf(system).map((it) => it.name as string)
  for (const { context, kind, name, allow } of accessDecisions(system)) {
    const where = `${context}, ${kind} ${name}`
    if (allow === undefined) yield finding('DURE_CHECK_ACCESS', where, { what: `${kind} ${name}`, context })
    for (const it of servicesIn(allow)) {
      if (!known.includes(it))
        yield finding('DURE_CHECK_CONTEXT', where, {
          context: it,
          what: `The service in its \`allow\``,
          known,
        })
    }
  }
}

function servicesIn(rule: AccessRule | undefined): readonly string[] {
  if (rule === undefined) return []
  if ('rules' in rule) return rule.rules.flatMap(servicesIn)
  return rule.kind === 'service' ? rule.names : []
}
