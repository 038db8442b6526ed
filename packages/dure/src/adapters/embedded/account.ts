import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { fault } from '../../kernel/errors/fault.ts'
import { platform } from './binaries.ts'

const run = promisify(execFile)

/**
 * As whom the server runs: what stands before its command. Empty for an ordinary user. PostgreSQL refuses to be root, so
 * root starts it as somebody else who can still reach the data and the binaries, also below a home that only root enters.
 */
export type Account = readonly string[]

/**
 * In a user namespace root is an ordinary user inside and remains root outside: files stay root's. Containers often
 * forbid it.
 */
function insideNamespace(uid: number): Account {
  return ['unshare', '--user', `--map-user=${uid}`, `--map-group=${uid}`, '--']
}

/**
 * Another user who may pass every folder, as root does. Without `no_setuid_fixup` access(2) would judge by the real user
 * alone and PostgreSQL would not find its own program.
 */
function asUser(uid: number, gid: number): Account {
  const keep = [
    '--inh-caps',
    '+dac_override',
    '--ambient-caps',
    '+dac_override',
    '--securebits',
    '+no_setuid_fixup',
  ]
  return ['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', ...keep, '--']
}

/**
 * Chooses so that the data can be opened again the same way: its owner decides, or the owner of the folder it will be in.
 * @param data the data directory, or the folder it will be made in
 * @throws DURE_EMBEDDED_UNSUPPORTED if root has no way to run the server as somebody else
 */
export async function chooseAccount(data: string, isNew: boolean, postgres: string): Promise<Account> {
  if (process.getuid?.() !== 0) return []
  const reasons: string[] = []
  for (const account of rootAccounts(data, isNew)) {
    const [command = '', ...args] = account
    try {
      await run(command, [...args, postgres, '--version'])
      return account
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string }
      reasons.push(stderr?.trim().split('\n', 1)[0] || message)
    }
  }
  const why =
    process.platform === 'linux' ? `, and neither unshare nor setpriv helps (${reasons.join('; ')})` : ''
  throw fault('DURE_EMBEDDED_UNSUPPORTED', { platform, reason: `PostgreSQL refuses to run as root${why}` })
}

/** The ways that root has, best first. */
export function rootAccounts(data: string, isNew: boolean): Account[] {
  if (process.platform !== 'linux') return []
  const { uid, gid } = statSync(data)
  const users = namedUsers()
  // initdb wants a user with a name.
  const somebody =
    users.get('postgres') ?? users.get('nobody') ?? [...users.values()].find((it) => it.uid !== 0)
  const { uid: other, gid: otherGroup } = somebody ?? { uid: 65534, gid: 65534 }
  if (!isNew) return [uid === 0 ? insideNamespace(other) : asUser(uid, gid)]
  const named = [...users.values()].some((it) => it.uid === uid)
  if (uid !== 0 && named) return [asUser(uid, gid), insideNamespace(other)]
  return [insideNamespace(other), asUser(other, otherGroup)]
}

function namedUsers(): Map<string, { uid: number; gid: number }> {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const fields = lines.map((line) => line.split(':')).filter((it) => it.length >= 4)
  return new Map(fields.map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]))
}
