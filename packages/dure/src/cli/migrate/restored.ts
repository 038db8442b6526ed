import type { Storage } from '../../ports/store.ts'
import { fault } from '../../kernel/errors/fault.ts'
import type { System } from '../../model/system.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

/** A context, and where its new epoch begins; `null` where nothing was stored. */
interface Declared {
  readonly context: string
  readonly epoch: string | null
  readonly began: number | null
}

/** Says of one context, or of all, that their logs were put back from a copy: `dure admin restored`. */
export async function declareRestored(
  { arguments: args, options }: Given,
  around: Surroundings,
): Promise<number> {
  const { cwd, env, err, out } = around
  const project = findProject(cwd)
  const system = await loadSystem(
    findEntry('system', project, cwd, options['system'] as string | undefined),
    cwd,
  )
  const contexts = chosen(system, args[1])
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    err(`${system.name} has no store yet, so there is nothing that could have been restored.\n`)
    return exits.ok
  }
  try {
    const declared: Declared[] = []
    for (const context of contexts) {
      const it = await declare(storage, context, system.name)
      declared.push(it)
      if (options['json'] !== true) out(`${told(it, around)}\n`)
    }
    if (options['json'] === true) {
      out(`${JSON.stringify({ system: system.name, contexts: declared }, null, 2)}\n`)
    }
    return exits.ok
  } finally {
    await storage.close()
  }
}

function chosen(system: System, name: string | undefined): readonly string[] {
  const names = system.contexts.map((it) => it.name)
  if (name === undefined) return names
  if (names.includes(name)) return [name]
  const problem = `${system.name} has no context ${JSON.stringify(name)}; it has ${names.join(', ')}.`
  throw fault('DURE_CLI_USAGE', { problem, usage: 'dure admin restored' })
}

async function declare(storage: Storage, context: string, system: string): Promise<Declared> {
  const start = await storage.migration(context, [], system).restored()
  return { context, epoch: start?.epoch ?? null, began: start?.began ?? null }
}

function told({ context, epoch, began }: Declared, { paint }: Surroundings): string {
  if (epoch === null) return `${context}: ${paint('gray', 'nothing is stored yet')}`
  return `${context}: ${paint('green', 'a new epoch')} begins after position ${began} ${paint('gray', epoch)}`
}
