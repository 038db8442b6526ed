import { fault } from '../../../kernel/errors/fault.ts'
import { checkName } from '../../../ports/storable.ts'
import { isGone, type Queries } from '../epochs/observed.ts'
import { quoted } from '../schema-name.ts'

/** Who wants a schema. */
export interface Owner {
  readonly context: string
  readonly schema: string
  /** Undefined where it is not said; then only the context is looked at. */
  readonly system: string | undefined
}

/**
 * Refuses a schema of another context or another system; before anything in it is changed.
 * @throws DURE_STORE_SCHEMA_TAKEN
 */
export async function checkOwner(queries: Queries, owner: Owner): Promise<void> {
  const { context, schema, system } = owner
  if (system !== undefined) checkName('name of the system', system)
  const found = await readOwner(queries, schema)
  if (found === undefined) return
  if (found.context !== context) throw taken(owner, `the context ${found.context}`)
  if (system === undefined || found.system === null || found.system === system) return
  throw taken(owner, `the context ${context} of the system ${found.system}`)
}

/**
 * Takes a schema that no system has said to be its own.
 * @throws DURE_STORE_SCHEMA_TAKEN if another is faster
 */
export async function takeSchema(queries: Queries, owner: Owner): Promise<void> {
  if (owner.system === undefined) return
  const found = await readOwner(queries, owner.schema)
  if (found?.system === owner.system) return
  await queries.once(`update ${quoted(owner.schema)}.meta set system = $1 where system is null`, [
    owner.system,
  ])
  await checkOwner(queries, owner)
}

/** Through JSON, because a schema of an older release has no such column. */
async function readOwner(
  queries: Queries,
  schema: string,
): Promise<{ readonly context: string; readonly system: string | null } | undefined> {
  try {
    const [row] = await queries.once<[string, string | null]>(
      `select context, to_jsonb(m) ->> 'system' from ${quoted(schema)}.meta m`,
    )
    return row && { context: row[0], system: row[1] }
  } catch (error) {
    if (isGone(error)) return undefined
    // A table of somebody else that is named so is met when Dure's own are made.
    if ((error as { code?: unknown }).code === '42703') return undefined
    throw error
  }
}

function taken({ context, schema, system }: Owner, found: string): Error {
  const asked = system === undefined ? context : `${context} of the system ${system}`
  return fault('DURE_STORE_SCHEMA_TAKEN', { schema, context: asked, found })
}
