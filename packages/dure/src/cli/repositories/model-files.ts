import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fault } from '../../kernel/errors/fault.ts'
import { describeModel } from '../../model/describe/describe-model.ts'
import type { ModelDescription } from '../../model/describe/model-format.ts'
import { wrongShapes } from '../../model/promises/contract-shapes.ts'
import { joinModels, type JoinedModels, type ModelOfRepository } from '../../model/promises/join-models.ts'
import type { System } from '../../model/system.ts'
import type { Option } from '../command.ts'

/** The option that joins the models of other repositories. */
export const withOption: Option = {
  type: 'string',
  multiple: true,
  value: 'file',
  about: 'the model of another repository, as dure model --json prints it; may be given more than once',
}

/**
 * Joins the model of a system with those of other repositories.
 * @throws DURE_JOIN_FILE
 */
export function joinedWith(
  system: System,
  here: string,
  files: readonly string[],
  cwd: string,
): JoinedModels {
  return joinModels([{ from: here, model: describeModel(system) }, ...files.map((it) => readModel(it, cwd))])
}

function readModel(file: string, cwd: string): ModelOfRepository {
  let model: unknown
  try {
    model = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'there is no such file' : message
    throw fault('DURE_JOIN_FILE', { file, reason }, error)
  }
  const reason = whyWrong(model as Partial<ModelDescription> | null)
  if (reason !== undefined) throw fault('DURE_JOIN_FILE', { file, reason })
  return { from: file, model: model as ModelDescription }
}

function whyWrong(it: Partial<ModelDescription> | null): string | undefined {
  if (it?.format !== 'dure-model/1') return 'its format is not dure-model/1'
  const { system, contexts, elsewhere, relations, sharedKernels, routes } = it
  if (typeof system !== 'string') return 'it says no system'
  if (![contexts, relations, sharedKernels, routes].every(Array.isArray)) return 'it lacks a part of a model'
  // Keys that are newer than the format: a file of an older release does not have them.
  if (!Array.isArray(elsewhere))
    return 'an older release of dure has made it, which says no shapes of contracts'
  for (const { name, shapes } of [...(contexts ?? []), ...elsewhere]) {
    const reason = typeof name === 'string' ? wrongShapes(shapes) : 'a context has no name'
    if (reason !== undefined) return `of ${String(name)}, ${reason}`
  }
  return undefined
}
