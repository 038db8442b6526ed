import { describe, expect, it } from 'vitest'
import { cliProject, twoContexts } from '../../../test/fixtures/cli-project.ts'

const allowing = (allow: string): Readonly<Record<string, string>> => ({
  ...twoContexts,
  'src/ordering/ordering.context.ts': (twoContexts['src/ordering/ordering.context.ts'] as string)
    .replace('{ context,', '{ context, role,')
    .replace('events:', `${allow} events:`),
  'src/ordering/contract.ts': (twoContexts['src/ordering/contract.ts'] as string).replace(
    'events:',
    'queries: { total: { in: {}, out: { total: z.int() } } }, events:',
  ),
})

describe('who may', () => {
  it('is said of all or of none, and fails the check else', async () => {
    const queries = 'queries: { total: () => ({ total: 1 }) },'
    const some = cliProject(allowing(`${queries} allow: { queries: { total: role('clerk') } },`))
    const ran = await some.dure(['check'])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('DURE_CHECK_ACCESS Ordering, command placeOrder')
    expect(ran.out).toContain('1 of 2 commands and queries do not say who may')
  })

  it('is listed with every route', async () => {
    const allow = `allow: { commands: { placeOrder: role('clerk') }, queries: { total: role('clerk', 'boss') } },`
    const all = cliProject(allowing(`queries: { total: () => ({ total: 1 }) }, ${allow}`))
    expect(await all.dure(['check', '--routes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining(
        [
          'POST /c/ordering/placeOrder  Ordering.placeOrder  role clerk',
          'GET|POST /q/ordering/total   Ordering.total       role clerk or boss',
        ].join('\n'),
      ),
    })
    const report = JSON.parse((await all.dure(['check', '--json'])).out) as { routes: unknown }
    expect(report.routes).toMatchObject([
      { context: 'Ordering', command: 'placeOrder', allow: { kind: 'role', names: ['clerk'] } },
      { context: 'Ordering', query: 'total', routes: ['GET|POST /q/ordering/total'] },
    ])
  })
})
