#!/usr/bin/env node
// `npm run lock`: completes package-lock.json after dependencies changed, and checks it.
//
// A native package lists one optional package per platform, all of them at one exact version. npm drops the
// ones its registry mirror does not carry from the lock without a word, and `npm ci` then refuses that lock
// on every machine, also where the package is not needed. So each is written back with the platform its name
// states. They have no integrity hash: nobody here could fetch them to take one.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const lockFile = fileURLToPath(new URL('../package-lock.json', import.meta.url))

const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]
const CPU = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** What npm would have written as os, cpu and libc of a platform package called `name`. */
export function platformOf(name) {
  const words = name.split(/[/-]/)
  const os = OS.find((it) => words.includes(it))
  const cpu = CPU.find((it) => words.includes(it))
  const libc = words.some((it) => it.startsWith('musl'))
    ? 'musl'
    : words.some((it) => it.startsWith('gnu'))
      ? 'glibc'
      : undefined
  return os && cpu ? { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) } : undefined
}

/** Platform packages that some package of the lock lists and the lock has no entry for. */
export function missingPlatforms(lock) {
  const missing = new Map()
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (!lock.packages[`node_modules/${name}`])
        missing.set(name, { name, version, dev: parent.dev === true })
    }
  }
  return [...missing.values()]
}

/** Every way in which the lock would fail or mislead on another machine; empty when it is sound. */
export function lockProblems(text) {
  const lock = JSON.parse(text)
  const problems = missingPlatforms(lock).map((it) => `${it.name}@${it.version} is not in the lock`)
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved && !entry.link) problems.push(`${path} names a registry: ${entry.resolved}`)
    if (!path.startsWith('node_modules/') || entry.link) continue
    if (!entry.version) problems.push(`${path} has no version`)
    if (!entry.integrity && !platformOf(path)) problems.push(`${path} has no integrity hash`)
  }
  return problems
}

export function completeLock(lock) {
  for (const { name, version, dev } of missingPlatforms(lock)) {
    const platform = platformOf(name)
    if (!platform) throw new Error(`cannot tell the platform of ${name}: add it to scripts/lock.mjs`)
    const entry = { version, ...platform, ...(dev && { dev }), optional: true }
    lock.packages[`node_modules/${name}`] = sortKeys(entry, ['version'])
  }
  lock.packages = sortKeys(lock.packages, [''])
  return lock
}

function sortKeys(object, first) {
  const rest = Object.keys(object).filter((key) => !first.includes(key))
  const keys = [...first, ...rest.toSorted((a, b) => a.localeCompare(b, 'en'))]
  return Object.fromEntries(keys.map((key) => [key, object[key]]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = completeLock(JSON.parse(readFileSync(lockFile, 'utf8')))
  const text = `${JSON.stringify(lock, null, 2)}\n`
  writeFileSync(lockFile, text)
  const problems = lockProblems(text)
  for (const problem of problems) console.error(problem)
  console.log(`package-lock.json: ${Object.keys(lock.packages).length} packages, ${problems.length} problems`)
  process.exitCode = problems.length > 0 ? 1 : 0
}
