import { relative } from 'node:path'
import { exits, jsonOption, type Command } from '../command.ts'
import { modelTree } from '../model-tree.ts'
import { joinedWith, withOption } from '../repositories/model-files.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

export const model: Command = {
  name: 'model',
  about: 'Prints the model: contexts, aggregates, what follows what',
  takes: '[system]',
  most: 1,
  options: { json: jsonOption, with: withOption },
  details: `
The JSON is of the format dure-model/1: stable, for pictures, documents and manifests. With --with it is the model
of the whole system, put together from those of its repositories; whether they agree, dure check --with says.
`,
  async run({ arguments: [given], options, lists }, { cwd, out, paint }) {
    const file = findEntry('system', findProject(cwd), cwd, given)
    const system = await loadSystem(file, cwd)
    const described = joinedWith(system, relative(cwd, file), lists['with'] ?? [], cwd).model
    out(options['json'] === true ? `${JSON.stringify(described, null, 2)}\n` : modelTree(described, paint))
    return exits.ok
  },
}
