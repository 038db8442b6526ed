import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'

/** What the figures were measured on. */
export function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    load: loadavg().map((it) => Math.round(it * 100) / 100),
  }
}

/** The commit that was measured; with a plus where sources differ from it. */
export function commit(root) {
  try {
    const run = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
    const changed = run('status', '--porcelain', '--', 'packages', 'bench') !== ''
    return run('rev-parse', '--short', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}
