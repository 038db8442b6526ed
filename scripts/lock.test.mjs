import { describe, expect, it } from 'vitest'
import { completeLock, lockProblems, platformOf } from './lock.mjs'

const lockOf = (packages) => ({ lockfileVersion: 3, packages: { '': {}, ...packages } })
const linter = {
  version: '1.2.0',
  integrity: 'sha512-x',
  dev: true,
  optionalDependencies: { 'lint-darwin-arm64': '1.2.0' },
}

describe('platformOf', () => {
  it.each([
    ['@oxlint/binding-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@oxlint/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@oxlint/binding-win32-arm64-msvc', { os: ['win32'], cpu: ['arm64'] }],
    ['@oxlint-tsgolint/darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['fastify', undefined],
  ])('%s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform)
  })
})

describe('the lock file', () => {
  it('is completed with the platform packages that npm left out', () => {
    const lock = completeLock(lockOf({ 'node_modules/lint': linter }))
    expect(lock.packages['node_modules/lint-darwin-arm64']).toEqual({
      version: '1.2.0',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    })
    expect(lockProblems(JSON.stringify(lock))).toEqual([])
  })

  it('has a problem when it lacks a platform package, a hash, or names a registry', () => {
    const lock = lockOf({
      'node_modules/lint': { ...linter, resolved: 'https://registry.example/lint.tgz' },
      'node_modules/other': { version: '1.0.0' },
    })
    expect(lockProblems(JSON.stringify(lock))).toEqual([
      'lint-darwin-arm64@1.2.0 is not in the lock',
      'node_modules/lint names a registry: https://registry.example/lint.tgz',
      'node_modules/other has no integrity hash',
    ])
  })
})
