import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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
  return startedWith(project, {}, ...args)
}

function startedWith(project: CliProject, env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  const child = project.start(['dev', ...args], env)
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

const deep = (word: string): string => `export { word } from './words/${word}.ts'`
const inFolders = {
  'package.json': '{ "type": "module", "dure": { "entry": "main.ts" }, "imports": { "#*": "./*" } }',
  'main.ts': program['main.ts'].replace('./word.ts', '#src/app/word.ts'),
  'src/app/word.ts': deep('one'),
  'src/app/words/one.ts': `export const word = 'one'`,
}

it.each([
  [
    'is deleted and made again at once',
    async (project: CliProject) => {
      rmSync(join(project.folder, 'src/app'), { recursive: true })
      project.write('src/app/word.ts', deep('one'))
      project.write('src/app/words/one.ts', `export const word = 'one'`)
      await sleep(300)
    },
  ],
  [
    'is deleted with those above it, and made again later',
    async (project: CliProject, says: (text: string) => Promise<void>) => {
      rmSync(join(project.folder, 'src'), { recursive: true })
      await says('waiting for a change')
      mkdirSync(join(project.folder, 'src/app'), { recursive: true })
      await sleep(300)
      project.write('src/app/words/one.ts', `export const word = 'back'`)
      project.write('src/app/word.ts', deep('one'))
      await says('up back')
    },
  ],
  [
    'stands in another that is replaced',
    async (project: CliProject) => {
      project.write('next/app/word.ts', deep('one'))
      project.write('next/app/words/one.ts', `export const word = 'one'`)
      renameSync(join(project.folder, 'src'), join(project.folder, 'old'))
      renameSync(join(project.folder, 'next'), join(project.folder, 'src'))
      await sleep(300)
    },
  ],
])('watches a folder again that %s', { timeout: 60_000 }, async (_, happens) => {
  const project = cliProject(inFolders)
  const { out, says } = started(project)
  await says('up one')
  await happens(project, says)
  project.write('src/app/words/one.ts', `export const word = 'two'`)
  await says('up two')
  project.write('src/app/words/three.ts', `export const word = 'three'`)
  project.write('src/app/word.ts', deep('three'))
  await says('up three')
  expect(pidsIn(out()).filter(lives)).toHaveLength(1)
})

it('runs the program again when Enter is pressed in a terminal', { timeout: 60_000 }, async () => {
  const terminal = { NODE_OPTIONS: '--import=data:text/javascript,process.stdin.isTTY=true' }
  const { child, out, err, says } = startedWith(cliProject(program), terminal)
  await says('up one')
  child.stdin?.write('\n')
  await says(/stopping one\nup one/)
  expect(err()).toBe('dure restarting\n')
  child.kill('SIGINT')
  expect(await exitOf(child)).toBe(0)
  expect(pidsIn(out())).toHaveLength(2)
})

it('takes no input that is not typed', { timeout: 60_000 }, async () => {
  const { child, out, says } = started(cliProject(program))
  await says('up one')
  child.stdin?.end('\n')
  await sleep(400)
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
