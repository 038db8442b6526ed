import { ANONYMOUS } from '../kernel/caller.ts'
import { refused } from './refusal.ts'

type Claims = Readonly<Record<string, unknown>>

const MAX_ROLES = 200
const WORD = /^[^\p{Cc}\p{Cs}]{1,255}$/u
// What Dure itself acts as; nobody outside may be recorded under such a name.
const OWN = /^(dure|policy|service|job|poller)(:|$)/i

/** A claim by its name, or by a path such as `realm_access.roles`; names may have dots in them, so they come first. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  let it: unknown = claims
  for (const name of path.split('.')) {
    if (typeof it !== 'object' || it === null || !Object.hasOwn(it, name)) return undefined
    it = (it as Claims)[name]
  }
  return it
}

/** Who acts. @throws DURE_CREDENTIALS_REFUSED */
export function actorIn(claims: Claims, path: string): string {
  const actor = claimAt(claims, path)
  if (typeof actor !== 'string' || !WORD.test(actor)) throw refused(`the claim ${path} names nobody`)
  if (actor === ANONYMOUS || OWN.test(actor)) throw refused(`the claim ${path} has a name that is Dure’s own`)
  return actor
}

/** The tenant that somebody acts for. @throws DURE_CREDENTIALS_REFUSED where it should name one and does not */
export function tenantIn(claims: Claims, path: string | undefined): string {
  if (path === undefined) return ''
  const tenant = claimAt(claims, path)
  if (typeof tenant === 'string' && WORD.test(tenant)) return tenant
  throw refused(`the claim ${path} names no tenant`)
}

/** The roles: a list of texts, or one text with spaces between. @throws DURE_CREDENTIALS_REFUSED for anything else */
export function rolesIn(claims: Claims, path: string): readonly string[] {
  const found = claimAt(claims, path) ?? []
  const roles = typeof found === 'string' ? found.split(' ').filter((it) => it !== '') : found
  const fine =
    Array.isArray(roles) &&
    roles.length <= MAX_ROLES &&
    roles.every((it) => typeof it === 'string' && WORD.test(it))
  if (!fine) throw refused(`the claim ${path} is no list of roles`)
  return roles as readonly string[]
}
