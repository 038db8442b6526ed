import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cliProject } from '../../test/fixtures/cli-project.ts'
import { lackOf, NEEDED_NODE } from './needed-node.ts'
import { readImports } from './source/read-imports.ts'

const here = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const running = (node: string): Readonly<Record<string, string>> => {
  const code = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${node}'}})`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
}

describe('a Node that is too old', () => {
  it('is told in one sentence what is needed', async () => {
    const project = cliProject({ 'package.json': '{}' })
    const err = 'dure needs Node 22.18 or newer, and this is Node 20.20.2.\n'
    expect(await project.dure(['--version'], running('20.20.2'))).toEqual({ code: 2, out: '', err })
    expect(await project.dure(['--version'], running('22.18.0'))).toMatchObject({ code: 0, err: '' })
  })

  it.each([
    ['18.20.8', true],
    ['22.17.1', true],
    ['22.18.0', false],
    ['23.0.0', false],
    ['24.1.0', false],
  ])('is %s: %s', (node, old) => {
    expect(lackOf(node) !== undefined).toBe(old)
  })

  it('is what package.json says', () => {
    const { engines } = JSON.parse(here('../../package.json')) as { engines: { node: string } }
    expect(engines.node).toBe(`>=${NEEDED_NODE}`)
  })

  it('loads nothing that it lacks before it is told', async () => {
    const first = await readImports(here('./main.ts'))
    const early = first.filter((it) => !it.typeOnly && !it.dynamic).map((it) => it.specifier)
    expect(early).toEqual(['./command.ts', './needed-node.ts'])
    for (const file of early) {
      const imports = await readImports(here(file))
      expect(imports.filter((it) => !it.typeOnly)).toEqual([])
    }
  })
})
