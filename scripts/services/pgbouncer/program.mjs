import { join } from 'node:path'
import { Complaint } from '../../bootstrap/complaint.mjs'
import { cache } from '../folder.mjs'
import { loaderOf, unpackRelease } from '../process/debian.mjs'

// By the release of Debian that has it, with the libraries that the program loads.
const RELEASES = {
  1.24: {
    release: 'trixie',
    packages: ['libcares2', 'libevent-2.1-7t64', 'libssl3t64', 'libzstd1', 'zlib1g'],
  },
  1.18: {
    release: 'bookworm',
    packages: [
      'libc-ares2',
      'libevent-2.1-7',
      'libssl3',
      'libgcrypt20',
      'libgpg-error0',
      'liblzma5',
      'liblz4-1',
      'libzstd1',
    ],
  },
}
const IN_BOTH = ['libc6', 'libpam0g', 'libsystemd0', 'libaudit1', 'libcap-ng0', 'libcap2', 'libgcc-s1']

/** The command of a PgBouncer; fetches it when there is none. */
export async function pgbouncerProgram(version, say) {
  const found = RELEASES[version]
  if (!found) {
    const known = Object.keys(RELEASES).join(' or ')
    throw new Complaint(
      'DURE_REPO_NO_PGBOUNCER',
      `there is no PgBouncer ${version} to be had`,
      `ask for ${known}`,
    )
  }
  const root = join(cache, `pgbouncer-${version}`)
  await unpackRelease(found.release, ['pgbouncer', ...found.packages, ...IN_BOTH], root, say)
  return [...loaderOf(root), join(root, 'usr/sbin/pgbouncer')]
}
