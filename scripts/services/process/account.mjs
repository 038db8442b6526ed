import { readFileSync } from 'node:fs'
import { isRoot } from './run.mjs'

/**
 * As whom a server runs that refuses to be root: what stands before its command, and whose its folder is to be.
 * An ordinary user runs it as it is. Root gives it to `postgres` or `nobody`, who may pass every folder as root
 * does, because a clone below /root is closed to everybody else.
 */
export function account() {
  if (!isRoot) return { before: [], owner: undefined }
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const user =
    users.find(([name]) => name === 'postgres') ??
    users.find(([name]) => name === 'nobody') ??
    users.find(([, , uid]) => Number(uid) > 0)
  const [uid, gid] = [Number(user?.[2] ?? 65534), Number(user?.[3] ?? 65534)]
  const ids = ['--reuid', String(uid), '--regid', String(gid), '--clear-groups']
  // Without the last one access(2) would judge by the real user alone.
  const passing = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override']
  const before = ['setpriv', ...ids, ...passing, '--securebits', '+no_setuid_fixup', '--']
  return { before, owner: { uid, gid } }
}
