import { once } from 'node:events'
import { expect, it, vi } from 'vitest'
import { cliProject, textOf } from '../../../test/fixtures/cli-project.ts'

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
