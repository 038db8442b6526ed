import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { isRoot, run } from './run.mjs'

export const isDebian = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb')

const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
let updated
let queue = Promise.resolve()

/** Installs a package with what it depends on; one installation at a time. */
export function installPackage(name, say) {
  const installed = queue.then(async () => {
    await update()
    say(`installing Debian's ${name} …`)
    await apt(['install', '-y', '--no-install-recommends', name])
  })
  queue = installed.catch(() => undefined)
  return installed
}

/** The version of a package that apt would install, undefined if it knows none. */
export async function candidate(name) {
  if (!isDebian) return undefined
  const { output } = await run('apt-cache', ['policy', name], { env: { ...env, LC_ALL: 'C' } })
  const version = /Candidate: (\S+)/.exec(output)?.[1]
  return version === '(none)' ? undefined : version
}

/** Unpacks a package into a folder without installing it: nothing of the system changes, no service starts. */
export async function unpackPackage(name, into, say) {
  if (existsSync(into)) return
  if (isRoot) await update()
  say(`fetching Debian's ${name} …`)
  mkdirSync(dirname(into), { recursive: true })
  const work = mkdtempSync(`${into}.`)
  try {
    // apt's own user cannot write here, which apt only remarks on.
    await apt(['download', name], { cwd: work })
    const file = readdirSync(work).find((it) => it.endsWith('.deb'))
    await must('dpkg-deb', ['-x', join(work, file), join(work, 'root')])
    renameSync(join(work, 'root'), into)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Unpacks packages of another release of Debian, with the libraries among them, side by side into one folder. They run
 * with `loaderOf`, whatever the system's own libraries are. `release` is a code name: `trixie`.
 */
export async function unpackRelease(release, packages, into, say) {
  if (existsSync(into)) return
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'
  if (!isDebian || !existsSync(keyring)) {
    const what = `${packages[0]} comes from Debian's packages, and this is no Debian`
    throw new Complaint('DURE_REPO_PACKAGE', what, 'start Docker, or use a Debian')
  }
  say(`fetching ${packages[0]} of Debian ${release} …`)
  mkdirSync(dirname(into), { recursive: true })
  const work = mkdtempSync(`${into}.`)
  const inWork = (name) => join(work, name)
  try {
    mkdirSync(inWork('lists/partial'), { recursive: true })
    mkdirSync(inWork('archives/partial'), { recursive: true })
    writeFileSync(
      inWork('sources.list'),
      `deb [signed-by=${keyring}] http://deb.debian.org/debian ${release} main\n`,
    )
    // The system's own lists and state are neither read nor written.
    const own = {
      'Dir::Etc::sourcelist': inWork('sources.list'),
      'Dir::Etc::sourceparts': '-',
      'Dir::State::lists': inWork('lists'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': work,
      'Dir::Cache::pkgcache': '',
      'Dir::Cache::srcpkgcache': '',
    }
    const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`])
    await apt([...options, 'update', '-q'])
    await apt([...options, 'download', ...packages], { cwd: work })
    for (const file of readdirSync(work).filter((it) => it.endsWith('.deb'))) {
      await must('dpkg-deb', ['-x', inWork(file), inWork('root')])
    }
    renameSync(inWork('root'), into)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** What stands before the path of a program that was unpacked so, to run it with the libraries beside it. */
export function loaderOf(root) {
  for (const lib of ['lib', 'usr/lib']) {
    const folders = existsSync(join(root, lib)) ? readdirSync(join(root, lib)) : []
    for (const folder of folders.filter((it) => it.endsWith('-linux-gnu'))) {
      const loader = readdirSync(join(root, lib, folder)).find((it) => it.startsWith('ld-linux'))
      if (!loader) continue
      const libraries = ['lib', 'usr/lib'].map((it) => join(root, it, folder)).join(':')
      return [join(root, lib, folder, loader), '--library-path', libraries]
    }
  }
  throw new Complaint('DURE_REPO_PACKAGE', `${root} holds no loader`, `remove ${root} and try again`)
}

/** The lists of packages may be missing or too old to fetch by; once per process is enough. */
function update() {
  updated ??= isRoot ? apt(['update', '-q']) : Promise.resolve()
  return updated
}

function apt(args, options) {
  return must('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=2', ...args], options)
}

async function must(command, args, options) {
  const { code, output } = await run(command, args, { env, ...options })
  if (code === 0) return
  throw new Complaint(
    'DURE_REPO_PACKAGE',
    `${command} ${args.join(' ')} ended with ${code}:\n${output}`,
    isRoot ? 'see above, and try again' : 'see above; some of it only root may do: sudo apt-get update',
  )
}
