import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { parseRecordedShapes, type RecordedShapes } from '../../model/evolution/recorded-shapes.ts'

/** Stands beside package.json and is committed: what events looked like, release by release. */
export const shapesFile = 'dure.shapes.json'

/**
 * What is recorded; undefined where there is no file.
 * @throws DURE_SHAPES_INVALID
 */
export function readShapes(root: string): RecordedShapes | undefined {
  let text: string
  try {
    text = readFileSync(join(root, shapesFile), 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw fault('DURE_SHAPES_INVALID', { file: shapesFile, where: '', reason: message }, error)
  }
  return parseRecordedShapes(text, shapesFile)
}

/** Replaces the file as a whole: an interrupted write leaves the one before. */
export function writeShapes(root: string, shapes: RecordedShapes): void {
  const file = join(root, shapesFile)
  const fresh = `${file}.new`
  writeFileSync(fresh, `${JSON.stringify(shapes, null, 2)}\n`)
  renameSync(fresh, file)
}
