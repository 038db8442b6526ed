import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../scripts/services/process/run.mjs'

const source = fileURLToPath(new URL('slow-flush.c', import.meta.url))
const COMPILERS = ['cc', 'gcc', 'clang']

let compiler

/** The first C compiler that is installed here, undefined if there is none or this is not Linux. */
export async function findCompiler() {
  if (process.platform !== 'linux') return undefined
  compiler ??= (async () => {
    for (const name of COMPILERS) if ((await run(name, ['--version'])).code === 0) return name
    return undefined
  })()
  return compiler
}

/** Why cases with a slow flush are left out; undefined if they can be measured. */
export async function whyNoSlowFlush() {
  if (process.platform !== 'linux') return 'flushes can be slowed down on Linux only'
  if (await findCompiler()) return undefined
  return 'there is no C compiler here; on Debian: sudo apt-get install gcc libc6-dev'
}

/** What stands before a command so that each of its flushes takes `ms` longer; what that needs is made in the folder. */
export async function slowFlush(folder, ms) {
  const why = await whyNoSlowFlush()
  if (why !== undefined) throw new Error(why)
  const library = join(folder, 'slow-flush.so')
  const args = [
    '-O2',
    '-shared',
    '-fPIC',
    `-DFLUSH_NS=${Math.round(ms * 1e6)}L`,
    '-o',
    library,
    source,
    '-ldl',
  ]
  const { code, output } = await run(await findCompiler(), args)
  if (code !== 0) throw new Error(`${await findCompiler()} ended with ${code}:\n${output}`)
  // The server may be another user, who has to reach the library.
  chmodSync(folder, 0o755)
  chmodSync(library, 0o755)
  return ['env', `LD_PRELOAD=${library}`]
}
