import { join } from 'node:path'
import pg from 'pg'
import { placeOf, root, type Fence } from './markdown.ts'
import type { Scratch } from './scratch.ts'

const cli = join(root, 'packages/dure/src/cli/main.ts')

/** What a page says was printed or found, and what was. */
export interface Outcome {
  readonly at: string
  readonly expected: unknown
  readonly found: unknown
}

interface Done {
  readonly at: string
  readonly found: unknown
  readonly failed: boolean
}

/**
 * Does all that a how-to tells its reader to do, in a folder and a database of its own: writes what has a title, runs the
 * lines of `sh steps`, sends what is in `sql steps`. A block of text or JSON right after is what comes of the last of them.
 */
export async function follow(
  fences: readonly Fence[],
  scratch: Scratch,
  databaseUrl: string,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const unchecked = new Set<string>()
  let last: Done | undefined
  for (const fence of fences) {
    const { language, marks, text } = fence
    const title = marks.get('title')
    if (last !== undefined && (language === 'text' || language === 'json')) {
      outcomes.push({ at: placeOf(fence), expected: expectedOf(fence), found: foundFor(fence, last.found) })
      last = undefined
      continue
    }
    mustHaveWorked(last)
    last = undefined
    if (title !== undefined) {
      scratch.write(title, text)
      if (language === 'ts') unchecked.add(title)
    } else if (language === 'sql' && marks.has('steps')) last = await sent(fence, databaseUrl)
    else if (language === 'sh' && marks.has('steps')) {
      await check(fence, scratch, unchecked)
      for (const line of text.split('\n')) {
        mustHaveWorked(last)
        last = await run(fence, line, scratch, databaseUrl)
      }
    }
  }
  mustHaveWorked(last)
  return outcomes
}

function expectedOf(fence: Fence): unknown {
  const { language, text } = fence
  return language === 'json' ? JSON.parse(text || '[]') : foundFor(fence, text.trim())
}

/** Of `text words` the order is not promised. */
function foundFor({ marks }: Fence, found: unknown): unknown {
  return marks.has('words') ? String(found).split(/\s+/).toSorted() : found
}

function mustHaveWorked(it: Done | undefined): void {
  if (it?.failed === true) throw new Error(`${it.at} failed: ${String(it.found)}`)
}

/** A page has one release after another, so a file is looked at as soon as it is used, not at the end. */
async function check(fence: Fence, scratch: Scratch, unchecked: Set<string>): Promise<void> {
  if (unchecked.size === 0) return
  const problems = await scratch.typeCheck([...unchecked])
  if (problems !== '') throw new Error(`before ${placeOf(fence)}: ${problems}`)
  unchecked.clear()
}

async function run(fence: Fence, line: string, scratch: Scratch, url: string): Promise<Done> {
  const words = line.split(' ')
  const env: Record<string, string> = { NODE_ENV: 'development', DATABASE_URL: url }
  while (words[0]?.includes('=') === true) {
    const [name = '', value = ''] = (words.shift() as string).split('=')
    env[name] = value
  }
  const [program, ...args] = words
  if (program === 'npx' && args[0] === 'dure') args[0] = cli
  else if (program !== 'node') throw new Error(`${placeOf(fence)}: the tests do not know ${line}`)
  const { failed, wrote } = await scratch.nodeWith(env, ...args)
  return { at: placeOf(fence), found: wrote.trim(), failed }
}

async function sent(fence: Fence, connectionString: string): Promise<Done> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return { at: placeOf(fence), found: (await client.query(fence.text)).rows, failed: false }
  } finally {
    await client.end()
  }
}
