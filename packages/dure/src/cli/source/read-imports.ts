import { lineOf, lineStarts } from './lines.ts'
import { parseModule } from './parse-module.ts'

/** One import, re-export or `import(…)` with a literal, types included. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** Gone at run time. `import { type A }` is not: the module is still loaded. */
  readonly typeOnly: boolean
  /** `import('…')`: loaded later, or never. */
  readonly dynamic: boolean
}

/**
 * The imports of a TypeScript or JavaScript file, in their order. Node's own type stripper parses the file and leaves every
 * place where it was; what is left is JavaScript for a real lexer, and what it took away holds the imports of types.
 * @throws Error with the parser's words where the file is not erasable TypeScript.
 */
export async function readImports(text: string): Promise<readonly Import[]> {
  const { code, imports: found } = await parseModule(text)
  const lines = lineStarts(text)
  const values = found.flatMap(({ n, ss, d }) =>
    n === undefined || d === -2 ? [] : [{ specifier: n, at: ss, typeOnly: false, dynamic: d >= 0 }],
  )
  const types = typeImports(erased(text, code)).map((it) => ({ ...it, typeOnly: true, dynamic: false }))
  return [...values, ...types]
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, ...it }) => ({ ...it, line: lineOf(lines, at) }))
}

/** The text that the stripper took away; what it left is a barrier that no pattern below crosses. */
function erased(text: string, code: string): string {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    out += char === code[i] ? (/\s/.test(char) ? char : '\0') : char
  }
  return out
}

const statement = /\b(?:import|export)\s+type\b[^'"\0]*?\bfrom\s*(['"])([^'"\0\n]+)\1/g
const expression = /\bimport\s*\(\s*(['"])([^'"\0\n]+)\1/g

function typeImports(text: string): readonly { readonly specifier: string; readonly at: number }[] {
  return [...text.matchAll(statement), ...text.matchAll(expression)].map((it) => ({
    specifier: it[2] as string,
    at: it.index,
  }))
}
