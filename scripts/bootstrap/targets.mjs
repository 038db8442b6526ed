import { join } from 'node:path'

const vitest = 'node_modules/vitest/vitest.mjs'
const fromSource = '--conditions=@dure/source'
const shop = 'examples/shop/src/main.ts'

// Types are stripped once, not at every start. Node keys the cache by version and file content.
const compileCache = (root) => ({ NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node') })

/** What each script of package.json runs. `installs` names a folder with a lock file of its own. */
export const targets = {
  start: { node: [fromSource, shop], env: compileCache },
  dev: { node: [fromSource, '--watch', '--watch-preserve-output', shop], env: compileCache },
  test: { node: [vitest, 'run', '--project', 'unit'] },
  'test:services': { node: [vitest, 'run', '--project', 'services'] },
  services: { node: ['scripts/services.mjs'] },
  check: { node: ['scripts/check.mjs'] },
  format: { node: ['node_modules/oxfmt/bin/oxfmt', '.'] },
  bench: { node: [fromSource, 'bench/run.mjs'], installs: 'bench' },
  chaos: { node: [fromSource, 'chaos/run.ts'] },
}
