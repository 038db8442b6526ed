import { defineConfig } from 'vitest/config'

// Tests run from source: the private condition in the exports map points at src, so no dist is needed.
const fromSource = ['@dure/source', 'node', 'import', 'module', 'default']
const shared = { resolve: { conditions: fromSource }, ssr: { resolve: { conditions: fromSource } } }
const outside = ['**/node_modules/**', '**/dist/**']

export default defineConfig({
  test: {
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
          exclude: [...outside, '**/*.services.test.ts', 'packages/*/test/check/**'],
        },
      },
      {
        ...shared,
        test: {
          name: 'check',
          include: ['packages/*/test/check/**/*.test.ts', 'docs/**/*.test.ts'],
          exclude: outside,
        },
      },
      {
        ...shared,
        test: {
          name: 'services',
          include: ['**/*.services.test.ts'],
          exclude: outside,
        },
      },
    ],
  },
})
