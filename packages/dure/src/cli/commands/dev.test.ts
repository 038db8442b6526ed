import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import { cliProject, textOf, type CliProject } from '../../../test/fixtures/cli-project.ts'

const patience = { timeout: 20_000, interval: 20 }

const program = {
  'package.json': '{ "type": "module", "dure": { "entry": "main.ts" } }',
  'word.ts': `export const word: string = 'one'`,
  'main.ts': `import { word } from './word.ts'
console.log('up', word, process.pid, process.env.NODE_ENV, process.argv.slice(2).join())
setInterval(() => undefined, 1000)
process.on('SIGTERM', () => {
  console.log('stopping', word)
  setTimeout(() => process.exit(0), 100)
})
`,
}

function started(project: CliProject, ...args: readonly string[]) {
  const child = project.start(['dev', ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  const says = async (text: string | RegExp) =>
    vi.waitFor(() => expect(out() + err()).toMatch(text), patience)
  return { child, out, err, says }
}

const pidsIn = (text: string): readonly number[] =>
  Array.from(text.matchAll(/^up \w+ (\d+)/gm), (it) => Number(it[1]))
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const exitOf = async (child: ChildProcess): Promise<unknown> => ((await once(child, 'exit')) as unknown[])[0]

it(
  'runs the program again after each change, once the one before has stopped',
  { timeout: 60_000 },
  async () => {
    const project = cliProject(program)
    const { child, out, err, says } = started(project, '--', 'a', 'b')
    await says(/up one \d+ development a,b/)

    project.write('word.ts', `export const word: string = 'two'`)
    await says('up two')
    expect(err()).toBe('dure restarting because word.ts changed\n')
    expect(out()).toMatch(/up one .*\nstopping one\nup two/)

    project.write('word.ts', `export const word = = 'three'`)
    await says('exit code 1; waiting for a change')
    project.write('word.ts', `export const word: string = 'three'`)
    await says('up three')

    project.write('word.ts', `export const word: string = 'three'`)
    await sleep(400)
    expect(pidsIn(out())).toHaveLength(3)

    child.kill('SIGINT')
    expect(await exitOf(child)).toBe(0)
    expect(out()).toMatch(/stopping three\n$/)
    expect(pidsIn(out()).filter(lives)).toEqual([])
  },
)

it('waits for a file that is missing', { timeout: 60_000 }, async () => {
  const { 'word.ts': word, ...rest } = program
  const project = cliProject(rest)
  const { out, says } = started(project)
  await says('waiting for a change')
  project.write('word.ts', word)
  await says('up one')
  expect(pidsIn(out())).toHaveLength(1)
})

it('leaves nothing when it is killed', { timeout: 60_000 }, async () => {
  const { child, out, says } = started(cliProject(program))
  await says('up one')
  child.kill('SIGKILL')
  await vi.waitFor(() => expect(pidsIn(out()).filter(lives)).toEqual([]), patience)
})

it('kills what does not stop when Ctrl-C comes again', { timeout: 60_000 }, async () => {
  const stubborn = { ...program, 'main.ts': program['main.ts'].replace(/setTimeout.*/, '') }
  const { child, out, says } = started(cliProject(stubborn))
  await says('up one')
  child.kill('SIGINT')
  await says('stopping')
  await sleep(400)
  child.kill('SIGINT')
  expect(await exitOf(child)).toBe(1)
  await vi.waitFor(() => expect(pidsIn(out()).filter(lives)).toEqual([]), patience)
})

it('says which program it does not find', async () => {
  const ran = await cliProject({ 'package.json': '{}' }).dure(['dev'])
  expect(ran).toMatchObject({ code: 1, out: '' })
  expect(ran.err).toContain('DURE_CLI_NO_ENTRY There is no entry: looked at src/main.ts.')
})
