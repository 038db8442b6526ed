import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const model = join(root, 'packages/dure/test/typecost/model.ts')
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
  const folder = mkdtempSync(join(tmpdir(), 'dure-bench-types-'))
  try {
    const config = join(folder, 'tsconfig.json')
    writeFileSync(config, JSON.stringify(configOf(folder)))
    const { stdout } = await run(process.execPath, [tsc, '-p', config, '--extendedDiagnostics'])
    const figure = (name) => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1])
    const { size } = statSync(join(folder, 'packages/dure/test/typecost/model.d.ts'))
    return { instantiations: figure('Instantiations'), seconds: figure('Check time'), bytes: size }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const configOf = (folder) => ({
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: {
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: root,
    outDir: folder,
    typeRoots: [join(root, 'node_modules/@types')],
  },
  files: [model],
})
