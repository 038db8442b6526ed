import { readFile } from 'node:fs/promises'
import { lineOf, lineStarts } from '../lines.ts'
import { parseModule } from '../parse-module.ts'

/** What a part is called, by what makes it. */
const makers: Readonly<Record<string, string>> = {
  aggregate: 'aggregate',
  job: 'job',
  policy: 'policy',
  poller: 'poller',
  translate: 'translator',
  view: 'view',
}

/** An export of a file. */
export interface Export {
  readonly name: string
  readonly line: number
  /** `policy`: what it is, where the file itself makes it by a function of Dure. */
  readonly part: string | undefined
}

/** The exports of a file, read without loading it. */
export async function readExports(file: string): Promise<readonly Export[]> {
  const text = await readFile(file, 'utf8')
  const { code, imports, exports } = await parseModule(text)
  const lines = lineStarts(text)
  const dure = imports.filter((it) => it.n === 'dure').map((it) => code.slice(it.ss, it.se))
  return exports.map(({ n, ln, s }) => {
    const maker = ln === undefined ? undefined : makerOf(ln, code)
    const made = maker !== undefined && dure.some((it) => new RegExp(`\\b${maker}\\b`).test(it))
    return { name: n, line: lineOf(lines, s), part: made ? makers[maker] : undefined }
  })
}

/** `policy` of `const sendBills = policy(…)`. */
function makerOf(local: string, code: string): string | undefined {
  const name = local.replaceAll('$', String.raw`\$`)
  const made = new RegExp(String.raw`(?<![\w$.])(?:const|let|var)\s+${name}\s*=\s*(\w+)\s*\(`).exec(code)?.[1]
  return made !== undefined && Object.hasOwn(makers, made) ? made : undefined
}
