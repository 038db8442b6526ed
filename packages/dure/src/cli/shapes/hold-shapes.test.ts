import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliProject, twoContexts, type CliProject } from '../../../test/fixtures/cli-project.ts'

const orderFile = 'src/ordering/domain/order.ts'
const order = twoContexts[orderFile] as string
const placed = "event('OrderPlaced', { total: z.int() })"
const manifest = '{ "name": "tiny", "type": "module", "version": "1.4.0" }'

function released(): CliProject {
  return cliProject({ ...twoContexts, 'package.json': manifest })
}

const textIn = (project: CliProject): string => readFileSync(join(project.folder, 'dure.shapes.json'), 'utf8')

function evolved(project: CliProject, to: string): void {
  expect(order).toContain(placed)
  project.write(orderFile, order.replace(placed, to))
}

const versioned = `${placed}.from(1, { total: z.int() }, (old) => old)`

describe('dure check --record', { timeout: 60_000 }, () => {
  it('writes what events look like, adds what is new, and changes nothing that is there', async () => {
    const project = released()
    expect(await project.dure(['check', '--record'])).toEqual({
      code: 0,
      out: `Tiny: no errors in 2 contexts, 7 files
Recorded in dure.shapes.json for 1.4.0:
  Ordering Order.OrderPlaced v1
  Billing Bill.BillSent v1
`,
      err: '',
    })
    const first = textIn(project)
    const shape = { properties: { total: expect.objectContaining({ type: 'integer' }) as object } }
    expect(JSON.parse(first)).toMatchObject({
      format: 'dure-shapes/1',
      contexts: { Ordering: { Order: { OrderPlaced: { 1: [{ since: '1.4.0', shape }] } } } },
    })
    expect(await project.dure(['check'])).toMatchObject({
      code: 0,
      out: 'Tiny: no errors in 2 contexts, 7 files\n',
    })
    const again = await project.dure(['check', '--record'])
    expect(again.out).toContain('Nothing new to record in dure.shapes.json for 1.4.0\n')
    expect(textIn(project)).toBe(first)

    evolved(project, versioned)
    const seen = await project.dure(['check'])
    expect(seen.code).toBe(0)
    expect(seen.out).toContain('Not recorded yet: 1 version of events; dure check --record adds them')
    const next = await project.dure(['check', '--record', '--release', '2.0.0', '--json'])
    expect(JSON.parse(next.out)).toMatchObject({
      shapes: { unrecorded: [], recorded: { release: '2.0.0', added: ['Ordering Order.OrderPlaced v2'] } },
    })
    const { contexts } = JSON.parse(textIn(project)) as { contexts: Record<string, never> }
    expect(contexts).toMatchObject({
      Ordering: { Order: { OrderPlaced: { 1: [{ since: '1.4.0' }], 2: [{ since: '2.0.0' }] } } },
    })
    expect((JSON.parse(first) as { contexts: object }).contexts).toMatchObject({
      Billing: contexts['Billing'],
    })
  })

  it('records nothing while the check finds errors', async () => {
    const project = released()
    await project.dure(['check', '--record'])
    const first = textIn(project)
    evolved(project, "event('OrderPlaced', { total: z.string() }).from(2, {}, () => ({ total: '' }))")
    const ran = await project.dure(['check', '--record'])
    expect(ran).toMatchObject({ code: 1, err: 'Nothing is recorded while the check fails.\n' })
    expect(ran.out).toContain('DURE_SHAPES_NO_UPCAST Ordering, event OrderPlaced')
    expect(textIn(project)).toBe(first)
  })

  it('wants to know the release', async () => {
    const project = cliProject(twoContexts)
    const ran = await project.dure(['check', '--record'])
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('has no version') as string })
    expect(existsSync(join(project.folder, 'dure.shapes.json'))).toBe(false)
    expect(await project.dure(['check', '--release', '1'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--release says which release is recorded') as string,
    })
    expect((await project.dure(['check', '--record', '--release', '1.0.0'])).code).toBe(0)
  })
})

describe('dure check, with what was recorded,', { timeout: 60_000 }, () => {
  it.each([
    [
      'fails on an event that was renamed without saying so',
      order.replaceAll('OrderPlaced', 'OrderMade') + 'export { OrderMade as OrderPlaced }\n',
      'DURE_SHAPES_GONE',
      ".formerly('OrderPlaced')",
    ],
    [
      'fails on a field that is taken for granted',
      order
        .replace(placed, "event('OrderPlaced', { total: z.int(), by: z.string() })")
        .replace('emit.OrderPlaced(input)', "emit.OrderPlaced({ ...input, by: '' })"),
      'DURE_SHAPES_CHANGED',
      'it now takes by for granted',
    ],
  ])('%s', async (_, text, code, words) => {
    const project = released()
    await project.dure(['check', '--record'])
    project.write(orderFile, text)
    const ran = await project.dure(['check'])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain(`${code} Ordering, event OrderPlaced`)
    expect(ran.out).toContain(words)
  })

  it('warns of what is not recorded where it is strict', async () => {
    const project = released()
    expect((await project.dure(['check', '--strict'])).code).toBe(0)
    await project.dure(['check', '--record'])
    evolved(project, versioned)
    const ran = await project.dure(['check', '--strict'])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('DURE_SHAPES_UNRECORDED dure.shapes.json')
    expect((await project.dure(['check', '--strict', '--record'])).code).toBe(0)
    expect((await project.dure(['check', '--strict'])).code).toBe(0)
  })

  it('refuses a file that is not what was written, naming the place', async () => {
    const project = released()
    await project.dure(['check', '--record'])
    project.write('dure.shapes.json', textIn(project).replace('"since": "1.4.0"', '"since": 1'))
    expect(await project.dure(['check'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(
        'DURE_SHAPES_INVALID dure.shapes.json, at contexts.Ordering.Order.OrderPlaced.1.0.since: expected',
      ) as string,
    })
    const other = released()
    mkdirSync(join(other.folder, 'dure.shapes.json'))
    expect(await other.dure(['check'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('DURE_SHAPES_INVALID dure.shapes.json: EISDIR') as string,
    })
  })
})
