import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { homeOf, type Home } from './context-homes.ts'
import { isSource } from './module-graph.ts'

const skipped = new Set(['node_modules', 'dist', 'build', 'coverage'])

/** Every source file of a context, also those that nothing imports yet. */
export function filesOf(homes: readonly Home[], home: Home): readonly string[] {
  const files = new Set(home.folders.flatMap(sourcesIn))
  for (const file of home.published) if (isSource(file)) files.add(file)
  return [...files].filter((file) => homeOf(homes, file) === home).toSorted()
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : sourcesIn(path)
    return entry.isFile() && isSource(path) ? [path] : []
  })
}
