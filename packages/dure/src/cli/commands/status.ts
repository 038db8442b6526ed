import { readConfig } from '../../host/config.ts'
import { withEnvFiles } from '../../host/config/env-files.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import type { Storage } from '../../ports/store.ts'
import type { Transport } from '../../ports/transport.ts'
import { transportFromConfig } from '../../run/transport-from-config.ts'
import { exits, jsonOption, type Command, type Surroundings } from '../command.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'
import { gatherStatus, type SystemStatus } from '../status/gather.ts'
import { inTime } from '../status/in-time.ts'
import { statusText } from '../status/told.ts'

/** How long the store may take for the first answer, for all of them, and to be closed. */
const [pingMs, readMs, closeMs] = [6000, 60_000, 3000]

export const status: Command = {
  name: 'status',
  about: 'Shows what runs where, and how far policies, views and topics have come',
  takes: '',
  most: 0,
  options: {
    system: { type: 'string', value: 'file', about: 'the module that exports the system' },
    json: jsonOption,
  },
  details: `
Which processes run now, with their contexts, roles, release (DURE_RELEASE) and age: each says every few seconds that it is
there, and one that was killed vanishes after 15.

Of each context: up to where its log is settled, and its policies and views with the context whose events they hear, how
far they have come (through), how many positions are left (lag), how old the oldest event is that waits for them, and
how they stand:

ok                 nothing that concerns it waits.
behind             something does.
held               events of some aggregates wait for a newer release that knows them.
parked             events of some aggregates could not be handled: dure parked list.
not in the model   the same, of a policy or view that this release does not have.
waiting for epoch  the log was put back, and nobody knows what its watermarks mean in it.

With NATS_URL or KAFKA_URL also the topics, and which process publishes. The store is the one that the program uses:
DATABASE_URL, or the embedded PostgreSQL in .dure/, also while the program runs. No process is asked and nothing is made.

It exits with 1 where something is parked or waits for an epoch, and where the store or the broker is away.
`,
  async run({ options }, around) {
    const { cwd, env, out, paint } = around
    const given = options['system'] as string | undefined
    const system = await loadSystem(findEntry('system', findProject(cwd), cwd, given), cwd)
    const transport = await transportFromConfig(readConfig(withEnvFiles(env, cwd).env))
    const found = await lookAt(system, transport, around)
    out(options['json'] === true ? `${JSON.stringify(found, null, 2)}\n` : statusText(found, paint))
    return found.well ? exits.ok : exits.failed
  },
}

async function lookAt(
  system: System,
  transport: Transport | undefined,
  { env, err }: Surroundings,
): Promise<SystemStatus> {
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    throw fault('DURE_CLI_NO_STORE', { looked: 'DATABASE_URL is not set, and the program has not run here' })
  }
  try {
    await inTime(storage.ping(), pingMs, silent(storage, pingMs))
    const gathered = gatherStatus(system, storage, transport, () => new Date())
    return await inTime(gathered, readMs, silent(storage, readMs))
  } finally {
    // A server that does not answer keeps its connections from being closed, which the end of the process does anyway.
    const closed = Promise.all([storage.close(), transport?.close()])
    await inTime(closed, closeMs, silent(storage, closeMs)).catch(() => undefined)
  }
}

function silent({ name }: Storage, limitMs: number): () => Error {
  const reason = `no answer within ${limitMs / 1000} seconds`
  return () => fault('DURE_STORE_UNAVAILABLE', { store: name, reason })
}
