import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import { cliProject, textOf, twoContexts } from '../../../test/fixtures/cli-project.ts'

const main = (text: string) => ({ 'package.json': '{ "type": "module" }', 'src/main.ts': text })

it('runs the program in its own process, for production, with its arguments', async () => {
  const project = cliProject(
    main(`console.log(process.env.NODE_ENV, process.argv.slice(2).join(), process.pid)`),
  )
  const child = project.start(['start', '--', 'a', '--b'])
  const out = textOf(child.stdout)
  await once(child, 'close')
  expect(out()).toBe(`production a,--b ${child.pid}\n`)
  expect((await project.dure(['start'], { NODE_ENV: 'test' })).out).toMatch(/^test/)
})

it('leaves signals and the exit code to the program', async () => {
  const project = cliProject(
    main(`setInterval(() => undefined, 1000)
process.on('SIGTERM', () => process.exit(7))
console.log('up')`),
  )
  const child = project.start(['start'])
  const out = textOf(child.stdout)
  await vi.waitFor(() => expect(out()).toBe('up\n'), { timeout: 20_000 })
  child.kill('SIGTERM')
  expect(((await once(child, 'exit')) as unknown[])[0]).toBe(7)
})

it('says why a program cannot be loaded', async () => {
  const { code, err } = await cliProject(main(`import './nope.ts'`)).dure(['start'])
  expect(code).toBe(1)
  expect(err).toMatch(/^DURE_CLI_LOAD src\/main\.ts cannot be loaded: Cannot find module .*nope\.ts/)
})

it('names all that a context lacks to run alone, and the context that was meant', async () => {
  const run = `import { run } from 'dure/run'
import { tiny } from './system.ts'
await run(tiny)`
  const project = cliProject({ ...twoContexts, 'src/main.ts': run })
  const alone = await project.dure(['start', 'Billing', '--role', 'worker,webb'], { PORT: 'x' })
  expect(alone.code).toBe(1)
  expect(alone.err).toMatch(
    /DURE_CONFIG_INVALID[^]*PORT: [^]*DURE_ROLES: [^]*"webb"[^]*DURE_URL_ORDERING: it is not set/,
  )
  const misspelt = await project.dure(['start', 'Biling'])
  expect(misspelt.err).toMatch(/DURE_CONTEXT_UNKNOWN[^]*Did you mean Billing\?/)
  const lonely = await project.dure(['start', 'Billing'], { DURE_URL_ORDERING: 'http://ordering:3000' })
  expect(lonely).toMatchObject({ code: 1, out: '' })
  expect(lonely.err).toMatch(/DURE_BUS_MISSING Billing cannot run alone without a broker: it hears Ordering/)
})
