import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder } from './folder.mjs'

const file = join(folder, 'env.json')

// vitest.config.ts hands these variables to the `services` tests.
function readEnv() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return {}
    throw error
  }
}

export function rememberEnv(env) {
  write({ ...readEnv(), ...env })
}

export function forgetEnv(names) {
  write(Object.fromEntries(Object.entries(readEnv()).filter(([name]) => !names.includes(name))))
}

function write(env) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(env, null, 2)}\n`)
}
