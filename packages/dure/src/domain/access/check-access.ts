import { fault } from '../../kernel/errors/fault.ts'

const kinds = new Set([
  'everyone',
  'signedIn',
  'role',
  'tenant',
  'service',
  'actor',
  'owner',
  'anyOf',
  'allOf',
])

/**
 * Refuses what is no decision about access, and `owner` where nothing is owned.
 * @throws DURE_MODEL_INVALID
 */
export function checkAccess(where: string, it: unknown, owned: boolean): void {
  const { kind, rules = [] } = (it ?? {}) as { readonly kind?: string; readonly rules?: readonly unknown[] }
  if (kind === undefined || !kinds.has(kind)) {
    throw fault('DURE_MODEL_INVALID', {
      where,
      reason: 'its `allow` is nothing that says who may.',
      fix: "Write everyone, signedIn, role('…'), tenant(…), service('…'), actor(…), owner(…), or anyOf and allOf of these.",
    })
  }
  if (kind === 'owner' && !owned) {
    throw fault('DURE_MODEL_INVALID', {
      where,
      reason: 'there is nothing here that `owner` could look at.',
      fix: 'Say it with the aggregate’s command that changes something, or look at the input by actor(…).',
    })
  }
  for (const rule of rules) checkAccess(where, rule, owned)
}
