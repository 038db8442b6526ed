import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode } from './tool.mjs'

const folder = join(root, 'packages/dure')

export const exports = {
  name: 'exports',
  about: 'every subpath of dure has its files and imports from dist under plain Node; publint agrees',
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
    const publint = await runNode(['node_modules/publint/src/cli.js', 'run', 'packages/dure', '--strict'])
    const failures = [imported, publint].filter((it) => !it.ok)
    return {
      ok: absent.length === 0 && failures.length === 0,
      seen: entries.length,
      output: [...absent, ...failures.map((it) => it.output)].join('\n'),
    }
  },
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
