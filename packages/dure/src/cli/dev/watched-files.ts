import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ModuleReader, type Module } from '../source/module-graph.ts'
import { manifestOf } from '../source/resolve-import.ts'

/**
 * The files that a program is made of: its modules, types included, their package.json files, and the places where a
 * missing import would be looked for. A module with a syntax error hides what it imports, so what was known before stays;
 * and so does a file that is gone, because it may come back.
 */
export async function watchedFiles(
  entry: string,
  conditions: ReadonlySet<string>,
  before: readonly string[],
): Promise<readonly string[]> {
  const modules = await new ModuleReader(conditions).reach([entry])
  const files = new Set(modules.flatMap((it) => [it.file, ...manifest(it), ...absent(it)]))
  const hidden = modules.some((it) => it.unreadable !== undefined)
  for (const it of before) if (hidden || !existsSync(it)) files.add(it)
  return [...files]
}

function manifest({ file }: Module): readonly string[] {
  const folder = manifestOf(file)?.folder
  return folder === undefined ? [] : [join(folder, 'package.json')]
}

function absent({ file, edges }: Module): readonly string[] {
  return edges.flatMap(({ specifier, target }) =>
    target.kind === 'missing' && specifier.startsWith('.') ? [resolve(dirname(file), specifier)] : [],
  )
}
