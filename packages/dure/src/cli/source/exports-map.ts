/**
 * The path that `exports` or `imports` of a package.json gives for a subpath (Node, Packages: resolution of `exports`), or
 * undefined where it gives none.
 */
export function targetIn(map: unknown, subpath: string, conditions: ReadonlySet<string>): string | undefined {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    return subpath === '.' ? choose(map, conditions) : undefined
  }
  const entries = map as Readonly<Record<string, unknown>>
  const keys = Object.keys(entries)
  if (!keys.some((key) => key.startsWith('.') || key.startsWith('#'))) {
    return subpath === '.' ? choose(map, conditions) : undefined
  }
  if (Object.hasOwn(entries, subpath) && !subpath.includes('*')) return choose(entries[subpath], conditions)
  // The longest pattern wins.
  const patterns = keys.filter((key) => key.includes('*')).toSorted((a, b) => b.indexOf('*') - a.indexOf('*'))
  for (const key of patterns) {
    const [before = '', after = ''] = key.split('*')
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < key.length) continue
    const star = subpath.slice(before.length, subpath.length - after.length)
    return choose(entries[key], conditions)?.replaceAll('*', star)
  }
  return undefined
}

function choose(target: unknown, conditions: ReadonlySet<string>): string | undefined {
  if (typeof target === 'string') return target
  if (Array.isArray(target)) return target.map((it) => choose(it, conditions)).find((it) => it !== undefined)
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, it] of Object.entries(target)) {
    if (condition !== 'default' && !conditions.has(condition)) continue
    const found = choose(it, conditions)
    if (found !== undefined) return found
  }
  return undefined
}
