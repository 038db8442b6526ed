import { availableParallelism } from 'node:os'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// Tests run from source: the private condition in the exports map points at src, so no dist is needed.
// Not `import`: vitest hands these on to Node, where CommonJS would then get ES modules from `require`.
const fromSource = ['@dure/source', 'module', 'node']
const shared = { resolve: { conditions: fromSource }, ssr: { resolve: { conditions: fromSource } } }
// Processes that tests start compile the same sources again and again: with a cache a start takes a third of the CPU.
const env = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)),
}
const outside = ['**/node_modules/**', '**/dist/**']

// Where the servers of `npm run services -- up` listen. A test whose variable is missing fails: it never skips.
function servicesEnv(): Record<string, string> {
  const file = new URL('.services/env.json', import.meta.url)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
}

export default defineConfig({
  test: {
    // Half of the time a test waits for a process or a server, which is when another can run: also on two cores.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'examples/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: [...outside, '**/*.services.test.{ts,mjs}', 'packages/*/test/check/**'],
          env,
        },
      },
      {
        ...shared,
        test: {
          name: 'check',
          include: ['packages/*/test/check/**/*.test.ts', 'docs/**/*.test.ts'],
          exclude: outside,
          env,
        },
      },
      {
        ...shared,
        test: {
          name: 'services',
          include: ['**/*.services.test.{ts,mjs}'],
          exclude: outside,
          env: { ...env, ...servicesEnv() },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
