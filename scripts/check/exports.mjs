import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode } from './tool.mjs'

const folder = join(root, 'packages/dure')

export const exports = {
  name: 'exports',
  about:
    'every subpath of dure has its files and imports from dist under plain Node; their types hold; publint agrees',
  unit: 'subpaths',
  needs: ['build'],
  async run() {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object')
    const absent = [...entries, ['bin', manifest.bin]].flatMap(([subpath, target]) =>
      Object.values(target)
        .filter((file) => !existsSync(join(folder, file)))
        .map((file) => `${subpath}: ${file} does not exist`),
    )
    const names = entries.map(([subpath]) => manifest.name + subpath.slice(1))
    const imported = await runNode(['--input-type=module', '--eval', importAll, ...names])
    const typed = await checkTypes(names)
    const publint = await runNode(['node_modules/publint/src/cli.js', 'run', 'packages/dure', '--strict'])
    const failures = [imported, typed, publint].filter((it) => !it.ok)
    return {
      ok: absent.length === 0 && failures.length === 0,
      seen: entries.length,
      output: [...absent, ...failures.map((it) => it.output)].join('\n'),
    }
  },
}

// As a user's compiler would read them: the emitted declarations, nothing skipped.
async function checkTypes(names) {
  const consumer = join(root, 'node_modules/.cache/dure-consumer')
  mkdirSync(consumer, { recursive: true })
  const lines = names.map((name, i) => `export * as all${i} from '${name}'\n`)
  writeFileSync(join(consumer, 'index.ts'), lines.join(''))
  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2024',
    strict: true,
    noEmit: true,
    types: ['node'],
  }
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }))
  return runNode(['node_modules/typescript/bin/tsc', '-p', consumer])
}

const importAll = `
  for (const name of process.argv.slice(1)) {
    try {
      await import(name)
    } catch (error) {
      console.error(name + ': ' + error.message)
      process.exitCode = 1
    }
  }
`
