import { stripTypeScriptTypes } from 'node:module'
import type { ExportSpecifier, ImportSpecifier } from 'es-module-lexer'

/** A TypeScript or JavaScript file as a lexer sees it, every place where it was. */
export interface Parsed {
  /** The text without its types. */
  readonly code: string
  readonly imports: readonly ImportSpecifier[]
  readonly exports: readonly ExportSpecifier[]
}

type Lexer = typeof import('es-module-lexer')
let lexer: Promise<Lexer> | undefined

/** @throws Error with the parser's words where the text is not erasable TypeScript. */
export async function parseModule(text: string): Promise<Parsed> {
  const { init, parse } = await (lexer ??= import('es-module-lexer'))
  await init
  const code = strip(text)
  const [imports, exports] = parse(code)
  return { code, imports, exports }
}

function strip(text: string): string {
  const emitWarning = process.emitWarning.bind(process)
  // Stripping is what runs the user's program anyway; its being experimental is no news of ours to tell.
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(text, { mode: 'strip' })
  } finally {
    process.emitWarning = emitWarning
  }
}
