import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { shop } from '../../../test/fixtures/shop.ts'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'
import { streamNamed } from './events.ts'

describe('a stream', () => {
  it.each([
    ['Order/a', undefined, 'Ordering', 'Order', 'a'],
    ['Ordering/Order/a', undefined, 'Ordering', 'Order', 'a'],
    ['Stock/stock-1', 'Inventory', 'Inventory', 'Stock', 'stock-1'],
    ['Order/a/b', undefined, 'Ordering', 'Order', 'a/b'],
  ])('%s in %s', (stream, given, context, aggregate, id) => {
    expect(streamNamed(shop, stream, given, 't')).toEqual({ context, id: { tenant: 't', aggregate, id } })
  })

  it.each([
    ['Order', undefined, 'it has no id.'],
    ['Odrer/a', undefined, 'the system has no aggregate Odrer; did you mean Order?'],
    ['Order/a', 'Inventory', 'Inventory has no aggregate Order; did you mean Order?'],
  ])('is not %s in %s', (stream, given, problem) => {
    expect(() => streamNamed(shop, stream, given, '')).toThrow(problem)
  })
})

const running = {
  ...twoContexts,
  'src/main.ts': `import { run } from 'dure/run'
import { tiny } from './system.ts'
const envelope = { id: 'c1', actor: 'ann', tenant: '', correlation: 'c1' }
const { host } = await run(tiny)
const reply = await host.application.command({ context: 'Ordering', command: 'placeOrder', input: { total: 7 }, envelope })
console.log('placed', reply.id)
`,
}

it(
  'says what happened, from the embedded PostgreSQL, also while the program runs',
  { timeout: 120_000 },
  async () => {
    const project = cliProject(running)
    expect(await project.dure(['events', 'Order/a'])).toEqual({
      code: 1,
      out: '',
      err: 'Nothing has happened to Order a in Ordering.\n',
    })
    const program = project.start(['start'], { PORT: '0', HOME: project.folder })
    onTestFinished(() => void program.kill('SIGKILL'))
    const [out, err] = [textOf(program.stdout), textOf(program.stderr)]
    await vi.waitFor(() => expect(out() + err()).toMatch(/placed [\w-]+/), { timeout: 60_000 })
    const id = /placed ([\w-]+)/.exec(out())?.[1] ?? ''

    const ran = await project.dure(['events', `Order/${id}`])
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^ {3}1 {2}\S+Z {2}OrderPlaced by ann\n {6}\{"total":7\}\n$/)
    const json = await project.dure(['events', `Ordering/Order/${id}`, '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ type: 'OrderPlaced', version: 1, data: { total: 7 } })

    program.kill('SIGTERM')
    await vi.waitFor(() => expect(program.exitCode).toBe(0), { timeout: 20_000 })
    await sleep(50)
    expect((await project.dure(['events', `Order/${id}`])).out).toBe(ran.out)
  },
)
