const file = /^[a-z0-9]+(-[a-z0-9]+)*(\.services)?(\.test|\.test-d)?\.ts$/
const folder = /^[a-z0-9]+(-[a-z0-9]+)*$/
const empty = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'manager'])

const most = 15
const deepest = 3

// Folders that were too full when the rule came. They may only become emptier; split them.
const crowded: Readonly<Record<string, number>> = {
  domain: 17,
  http: 22,
  'model/check': 16,
}

/** What is wrong with the names and the places of files below src. */
export function nameProblems(paths: readonly string[]): readonly string[] {
  return [...paths.flatMap(problemsOf), ...crowds(paths)]
}

function problemsOf(path: string): readonly string[] {
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  const problems: string[] = []
  if (!file.test(name) || !folders.every((it) => folder.test(it))) problems.push(`${path} is not kebab-case`)
  const words = [...folders, name].flatMap((it) => it.split(/[-.]/))
  const said = words.find((it) => empty.has(it))
  if (said !== undefined) problems.push(`${path} is named ${said}, which says nothing; name the noun`)
  if (folders.length > deepest)
    problems.push(`${path} is ${folders.length} folders deep, ${deepest} are allowed`)
  return problems
}

function crowds(paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const path of paths) {
    if (/\.test(-d)?\.ts$/.test(path)) continue
    const within = path.split('/').slice(0, -1).join('/')
    counts.set(within, (counts.get(within) ?? 0) + 1)
  }
  return [...counts].flatMap(([within, count]) => {
    const allowed = crowded[within] ?? most
    return count > allowed
      ? [`${within} has ${count} files, ${allowed} are allowed; make two folders of it`]
      : []
  })
}
