import { systemWorld } from '../../host/system-world.ts'
import { migrationOf, type Migration } from '../../migration/migration.ts'
import { exits, type Given, type Surroundings } from '../command.ts'
import { loadPersistence } from '../project/load-persistence.ts'
import { openStorage } from '../project/open-storage.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

/** Opens the migration of the program in this folder, and closes what it had opened. */
export async function migrating(
  { options }: Given,
  around: Surroundings,
  work: (migration: Migration, system: string) => Promise<number>,
): Promise<number> {
  const { cwd, env, err } = around
  const project = findProject(cwd)
  const given = options['system'] as string | undefined
  const system = await loadSystem(findEntry('system', project, cwd, given), cwd)
  const persistence = await loadPersistence(project, cwd)
  const storage = await openStorage(env, (line) => err(`${line}\n`))
  if (storage === undefined) {
    err(`${system.name} has no store yet; the first start makes one that is up to date.\n`)
    return exits.ok
  }
  try {
    return await work(migrationOf(system, persistence, storage, systemWorld), system.name)
  } finally {
    await storage.close()
  }
}
