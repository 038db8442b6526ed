#!/usr/bin/env node
// `npm start`, `npm test` and the rest of package.json's scripts end here: it makes a fresh clone ready, then
// runs the target under a Node that strips types. It needs nothing but Node 20.19, so nothing is imported
// here that an install has to bring.
import { fileURLToPath } from 'node:url'
import { Complaint } from './bootstrap/complaint.mjs'
import { findNode } from './bootstrap/find-node.mjs'
import { ensureInstalled } from './bootstrap/install.mjs'
import { handOver } from './bootstrap/hand-over.mjs'
import { targets } from './bootstrap/targets.mjs'
import { atLeast, FLOOR_TO_BOOTSTRAP } from './bootstrap/version.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

async function bootstrap(name, args) {
  if (!atLeast(process.versions.node, FLOOR_TO_BOOTSTRAP)) {
    throw new Complaint(
      'DURE_REPO_NODE_TOO_OLD',
      `this repository needs Node ${FLOOR_TO_BOOTSTRAP} or newer to get going, and this is Node ${process.versions.node}`,
      'install a current Node and run the command again',
    )
  }
  const target = Object.hasOwn(targets, name ?? '') ? targets[name] : undefined
  if (!target) {
    throw new Complaint(
      'DURE_REPO_UNKNOWN_TARGET',
      name ? `there is no target "${name}"` : 'no target given',
      `use one of: ${Object.keys(targets).join(', ')}`,
    )
  }
  await ensureInstalled(root, 'the development tools')
  if (target.installs) await ensureInstalled(`${root}${target.installs}`, target.installs)
  return handOver(findNode(root), [...target.node, ...args], {
    cwd: root,
    env: { ...process.env, ...target.env?.(root) },
  })
}

try {
  process.exitCode = await bootstrap(process.argv[2], process.argv.slice(3))
} catch (error) {
  if (!(error instanceof Complaint)) throw error
  console.error(error.message)
  process.exitCode = 1
}
