import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { generateModel } from '../../packages/dure/test/typecost/generate.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
// The very model that a test holds to a budget.
const budget = join(root, 'packages/dure/test/typecost/budget.json')
// Inside the repository, so that `dure` and zod are found; git ignores it.
const scratch = join(root, 'bench/.dure')
const run = promisify(execFile)

/** What the compiler pays for a model of 40 aggregates with 10 events and 10 commands each. */
export const typesCases = [
  typeCase('types of 40×10×10, instantiations', 'instantiations', (it) => it.instantiations),
  typeCase('types of 40×10×10, declarations', 'bytes of .d.ts', (it) => it.bytes),
  typeCase('types of 40×10×10, checks', 'checks/s', (it) => 1 / it.seconds, 2),
]

function typeCase(name, unit, figure, digits) {
  // The first two are the same in every round, so one is enough.
  const rounds = digits === undefined ? 1 : 5
  const dure = async () => {
    const measured = await compile()
    return { rate: figure(measured), p50: measured.seconds * 1000, p99: measured.seconds * 1000 }
  }
  return { name, unit, rounds, contestants: { dure }, ...(digits !== undefined && { digits }) }
}

async function compile() {
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(join(scratch, 'model-'))
  try {
    const { model } = JSON.parse(readFileSync(budget, 'utf8'))
    writeFileSync(join(folder, 'model.ts'), generateModel(model))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configOf(folder)))
    const { stdout } = await run(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'])
    const figure = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1])
    const { size } = statSync(join(folder, 'out', relative(root, folder), 'model.d.ts'))
    return { instantiations: figure('Instantiations'), seconds: figure('Check time'), bytes: size }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const configOf = (folder) => ({
  extends: relative(folder, join(root, 'tsconfig.base.json')),
  compilerOptions: {
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: relative(folder, root),
    outDir: 'out',
  },
  files: ['model.ts'],
})
