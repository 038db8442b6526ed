import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from './complaint.mjs'
import { withInstallLock } from './install-lock.mjs'

const platform = `${process.platform}-${process.arch}`

/** Brings `folder`'s node_modules in line with its package-lock.json; costs two file reads when it is. */
export async function ensureInstalled(folder, what) {
  const lockText = readLock(folder)
  const stamp = `${platform} ${createHash('sha256').update(lockText).digest('hex')}\n`
  if (read(stampFile(folder)) === stamp) return
  await withInstallLock(folder, async () => {
    const found = read(stampFile(folder))
    if (found === stamp) return // another process installed while this one waited
    if (!installedByHand(folder, lockText, found)) await runNpmCi(folder, what, found)
    writeFileSync(stampFile(folder), stamp)
  })
}

const stampFile = (folder) => join(folder, 'node_modules/.dure-lock')

function readLock(folder) {
  const text = read(join(folder, 'package-lock.json'))
  if (text !== undefined) return text
  throw new Complaint(
    'DURE_REPO_NO_LOCK',
    `${folder} has no package-lock.json`,
    'check the file out of git again',
  )
}

/** Whether a developer's own `npm install` has already put in place what the lock file says. */
function installedByHand(folder, lockText, foundStamp) {
  if (foundStamp !== undefined && !foundStamp.startsWith(`${platform} `)) return false
  const hidden = read(join(folder, 'node_modules/.package-lock.json'))
  if (hidden === undefined) return false
  const installed = JSON.parse(hidden).packages
  const wanted = JSON.parse(lockText).packages
  const sameVersion = (path) => installed[path]?.version === wanted[path]?.version
  return (
    Object.keys(installed).every((path) => path in wanted && sameVersion(path)) &&
    Object.keys(wanted).every((path) => path === '' || wanted[path].optional || path in installed)
  )
}

async function runNpmCi(folder, what, foundStamp) {
  const why = foundStamp
    ? 'package-lock.json changed'
    : existsSync(join(folder, 'node_modules'))
      ? 'node_modules is incomplete'
      : 'first run here'
  console.error(`dure: installing ${what} with npm ci (${why}) …`)
  const startedAt = Date.now()
  const { code, output } = await quietly(
    folder,
    npm(['ci', '--loglevel=error', '--no-progress', '--no-audit', '--no-fund']),
  )
  if (code !== 0) {
    console.error(output)
    throw new Complaint(
      'DURE_REPO_INSTALL_FAILED',
      `npm ci ended with ${code}, its output is above`,
      `check the connection to the registry, then run: npm ci${folder.endsWith('bench') ? ' --prefix bench' : ''}`,
    )
  }
  console.error(`dure: installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
}

function npm(args) {
  // Under `npm start` the same npm is used again, whatever else the PATH holds.
  const cli = process.env.npm_execpath
  if (cli && /npm-cli\.c?js$/.test(cli)) return { command: process.execPath, args: [cli, ...args] }
  return {
    command: process.platform === 'win32' ? 'npm.cmd' : 'npm',
    args,
    shell: process.platform === 'win32',
  }
}

function quietly(cwd, { command, args, shell = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += chunk))
    child.stderr.on('data', (chunk) => (output += chunk))
    // Else an interrupted bootstrap would leave npm writing beside the next one.
    const stop = () => child.kill('SIGTERM')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
    child.once('error', (error) => {
      reject(
        new Complaint(
          'DURE_REPO_NO_NPM',
          `cannot run npm: ${error.message}`,
          'install npm, it comes with Node',
        ),
      )
    })
    child.once('close', (code, signal) => {
      for (const it of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(it, stop)
      resolve({ code: signal ?? code, output: output.trim() })
    })
  })
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
