import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The folders that tell all that happens to some: themselves, and where one is in another also those between, because a
 * folder that appears is seen by the one above it alone. Above one that is missing, also the nearest that exists. Outer
 * folders come first.
 */
export function toWatch(folders: readonly string[]): readonly string[] {
  const own = new Set(folders)
  const all = new Set([...own].flatMap((folder) => [...above(folder, own), folder]))
  return [...all].toSorted((a, b) => a.length - b.length)
}

function above(folder: string, own: ReadonlySet<string>): readonly string[] {
  const between: string[] = []
  for (let it = folder, up = dirname(it); up !== it; it = up, up = dirname(it)) {
    if (own.has(up)) return between
    between.push(up)
  }
  return identityOf(folder) === undefined ? upToExisting(between) : []
}

function upToExisting(outward: readonly string[]): readonly string[] {
  return outward.slice(0, outward.findIndex((it) => identityOf(it) !== undefined) + 1)
}

/** What tells a folder from a later one of its name; undefined where there is none. */
export function identityOf(folder: string): string | undefined {
  try {
    const found = statSync(folder, { bigint: true })
    return found.isDirectory() ? `${found.dev}:${found.ino}:${found.birthtimeNs}` : undefined
  } catch {
    return undefined
  }
}
