import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockProblems } from '../lock.mjs'
import { root } from './tool.mjs'

export const lock = {
  name: 'lock',
  about: 'the lock file installs on every platform and names no registry (npm run lock completes it)',
  unit: 'packages',
  async run() {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
    const problems = lockProblems(text)
    return {
      ok: problems.length === 0,
      seen: Object.keys(JSON.parse(text).packages).length,
      output: problems.join('\n'),
    }
  },
}
