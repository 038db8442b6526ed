import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  actor,
  aggregate,
  allOf,
  anyOf,
  context,
  contract,
  event,
  everyone,
  owner,
  ref,
  role,
  service,
  signedIn,
  system,
  tenant,
  type Access,
  type AccessRule,
} from 'dure'
import type { Caller } from '../../kernel/caller.ts'
import { helpDesk } from '../../../test/fixtures/tickets.ts'
import { checkModel } from '../check/check-model.ts'
import { describeModel } from '../describe/describe-model.ts'
import { accessDecisions, decidesAccess, refuseUndecided } from './decisions.ts'
import { inWords } from './in-words.ts'
import { judge, type Known, type Verdict } from './judge.ts'

const nobody: Caller = { actor: 'anonymous', tenant: '' }
const kim: Caller = { actor: 'kim', tenant: 'acme', roles: ['clerk', 'buyer'] }
const reports: Caller = { actor: 'service:Reports', tenant: '', service: 'Reports' }
const mine = owner((it: { readonly owner?: string }) => it.owner) as AccessRule
const named = actor((it: { readonly customer?: string }) => it.customer) as AccessRule

describe('a decision', () => {
  test.each<[Access, Caller, Known, Verdict]>([
    [everyone, nobody, {}, 'yes'],
    [signedIn, nobody, {}, 'no'],
    [signedIn, kim, {}, 'yes'],
    [signedIn, reports, {}, 'yes'],
    // Who asks on behalf of nobody has not signed anybody in.
    [signedIn, { ...nobody, service: 'Reports' }, {}, 'no'],
    [role('admin', 'buyer'), kim, {}, 'yes'],
    [role('admin'), kim, {}, 'no'],
    [role('clerk'), nobody, {}, 'no'],
    [tenant(), kim, {}, 'yes'],
    [tenant(), nobody, {}, 'no'],
    [tenant('acme', 'x'), kim, {}, 'yes'],
    [tenant('x'), kim, {}, 'no'],
    [service('Reports'), reports, {}, 'yes'],
    [service('Reports'), { ...kim, service: 'Ordering' }, {}, 'no'],
    [service('Reports'), kim, {}, 'no'],
    [mine, kim, {}, 'open'],
    [mine, kim, { owned: { owner: 'kim' } }, 'yes'],
    [mine, kim, { owned: { owner: 'lee' } }, 'no'],
    [mine, kim, { owned: {} }, 'no'],
    [mine, nobody, {}, 'no'],
    [mine, nobody, { owned: { owner: 'anonymous' } }, 'no'],
    [mine, { actor: '', tenant: '' }, { owned: { owner: '' } }, 'no'],
    [named, kim, { owned: { owner: 'kim' } }, 'open'],
    [named, kim, { input: { customer: 'kim' } }, 'yes'],
    [named, kim, { input: {} }, 'no'],
    [anyOf(), kim, {}, 'no'],
    [anyOf(role('x'), mine), kim, {}, 'open'],
    [anyOf(role('x'), mine), nobody, {}, 'no'],
    [anyOf(role('clerk'), mine), kim, { owned: { owner: 'lee' } }, 'yes'],
    [allOf(role('clerk'), mine), kim, {}, 'open'],
    [allOf(role('x'), mine), kim, {}, 'no'],
    [allOf(role('clerk'), mine), kim, { owned: { owner: 'kim' } }, 'yes'],
    [anyOf(allOf(role('x'), named), tenant('acme')), kim, {}, 'yes'],
  ])('%o for %o knowing %o: %s', (rule, caller, known, expected) => {
    expect(judge(rule as AccessRule, caller, known)).toBe(expected)
  })

  test('is said in words', () => {
    const rule = anyOf(role('clerk', 'admin'), allOf(tenant(), mine), service('Reports'))
    expect(inWords(rule as AccessRule)).toBe(
      'role clerk or admin, or (any tenant and the owner), or service Reports',
    )
    expect(inWords(anyOf() as AccessRule)).toBe('nobody')
  })

  test.each([() => role(''), () => role(undefined as never), () => service(...([] as unknown as [string]))])(
    'that names nothing is refused: %#',
    (make) => {
      expect(make).toThrow(expect.objectContaining({ code: 'DURE_MODEL_INVALID' }))
    },
  )
})

const Made = event('Made', { owner: z.string() })
const thing = (allow?: AccessRule) =>
  aggregate('Thing', { state: { owner: z.string() }, events: { Made } })
    .starts({ Made: (e) => e })
    .factory('make', { owner: z.string() }, (input, { emit }) => emit.Made(input), allow && { allow })
const Things = contract('Things', {
  commands: { make: { owner: z.string() } },
  queries: { thing: { in: { id: ref('Thing') }, out: { owner: z.string() } } },
})
const things = (allow: object, ofMake?: AccessRule) => {
  const Thing = thing(ofMake)
  const parts = { commands: { make: Thing.commands.make }, queries: { thing: () => undefined }, allow }
  return system('Things', { contexts: [context(Things, [Thing]).implements(parts)] })
}
const problems = (it: ReturnType<typeof things>) =>
  checkModel(it).map(({ code, where }) => `${code} ${where}`)

describe('a system', () => {
  test('that says nowhere who may is open, and right', () => {
    expect(decidesAccess(things({}))).toBe(false)
    expect(problems(things({}))).toEqual([])
    expect(() => refuseUndecided(things({}))).toThrow(
      expect.objectContaining({
        code: 'DURE_ACCESS_UNDECIDED',
        message: expect.stringContaining('Things.make, Things.thing'),
      }),
    )
  })

  test('that says it once says it everywhere', () => {
    expect(problems(things({}, role('clerk')))).toEqual(['DURE_CHECK_ACCESS Things, query thing'])
    expect(problems(things({ queries: { thing: everyone } }))).toEqual([
      'DURE_CHECK_ACCESS Things, command make',
    ])
    expect(problems(things({ queries: { thing: everyone } }, role('clerk')))).toEqual([])
    expect(problems(things({ queries: { thing: service('Thing') }, commands: { make: signedIn } }))).toEqual([
      'DURE_CHECK_CONTEXT Things, query thing',
    ])
    expect(problems(helpDesk)).toEqual([])
  })

  test('says it of what its contracts promise, and in no other way', () => {
    const wrong = [
      { commands: { mak: everyone } },
      { queries: { make: everyone } },
      { commands: { make: 'everyone' } },
      { commands: { make: { kind: 'anyone' } } },
      { commands: { make: anyOf(undefined as never) } },
      // A command is asked about its input here; what it is given to, only the aggregate knows.
      { commands: { make: anyOf(role('x'), mine) } },
    ]
    for (const allow of wrong) {
      expect(() => things(allow)).toThrow(expect.objectContaining({ code: 'DURE_MODEL_INVALID' }))
    }
    expect(() => thing(mine)).toThrow(expect.objectContaining({ code: 'DURE_MODEL_INVALID' }))
  })

  test('tells what both say as both, and in its description', () => {
    const both = things({ commands: { make: signedIn }, queries: { thing: everyone } }, role('clerk'))
    expect(accessDecisions(both).map((it) => it.allow && inWords(it.allow))).toEqual([
      'whoever is signed in and role clerk',
      'everyone',
    ])
    const [described] = describeModel(both).contexts
    expect(described?.contract.commands[0]?.allow).toEqual({
      kind: 'allOf',
      rules: [{ kind: 'signedIn' }, { kind: 'role', names: ['clerk'] }],
    })
    expect(described?.contract.queries[0]?.allow).toEqual({ kind: 'everyone' })
    expect(describeModel(things({})).contexts[0]?.contract.commands[0]).not.toHaveProperty('allow')
  })
})
