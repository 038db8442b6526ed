import { join } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { finding, type Finding } from '../../model/check/finding.ts'
import { checkShapes } from '../../model/evolution/check-shapes.ts'
import { nameOfShape } from '../../model/evolution/model-shapes.ts'
import { nothingRecorded, recordedWith, unrecorded } from '../../model/evolution/recorded-shapes.ts'
import type { System } from '../../model/system.ts'
import { manifestOf } from '../source/resolve-import.ts'
import { readShapes, shapesFile, writeShapes } from './shapes-file.ts'

/** What a check says of the recorded shapes of events. */
export interface ShapesReport {
  readonly file: string
  /** Versions of events that no release has recorded. */
  readonly unrecorded: readonly string[]
  /** What this check has added to the file. */
  readonly recorded?: { readonly release: string; readonly added: readonly string[] }
}

/** The record of a project, held against its system. */
export interface HeldShapes {
  readonly findings: readonly Finding[]
  /** Absent where there is no file. */
  readonly report?: ShapesReport
  /** Adds to the file what it does not have. */
  record(release: string): ShapesReport
}

/**
 * Reads the record of a project and holds the system against it. With `strict`, versions that are not recorded are a
 * warning.
 * @throws DURE_SHAPES_INVALID
 */
export function holdShapes(system: System, root: string, strict: boolean): HeldShapes {
  const known = readShapes(root)
  const fresh = unrecorded(system, known ?? nothingRecorded)
  const names = fresh.map((it) => `${it.context} ${nameOfShape(it)}`)
  const told =
    strict && known !== undefined && names.length > 0
      ? [finding('DURE_SHAPES_UNRECORDED', shapesFile, { events: names, file: shapesFile }, 'warning')]
      : []
  return {
    findings: known === undefined ? [] : [...checkShapes(system, known), ...told],
    ...(known !== undefined && { report: { file: shapesFile, unrecorded: names } }),
    record(release) {
      if (fresh.length > 0) writeShapes(root, recordedWith(known ?? nothingRecorded, fresh, release))
      return { file: shapesFile, unrecorded: [], recorded: { release, added: names } }
    },
  }
}

/**
 * The release that is recorded: the one given, else the version in package.json.
 * @throws DURE_CLI_USAGE
 */
export function releaseOf(root: string, given: string | undefined): string {
  const version = given ?? manifestOf(join(root, 'package.json'))?.json['version']
  if (typeof version === 'string' && version.trim() !== '') return version
  const problem = 'It is not said which release is recorded: package.json has no version.'
  throw fault('DURE_CLI_USAGE', { problem, usage: 'dure check --record --release 1.4.0' })
}
