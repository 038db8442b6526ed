import { describeModel } from '../../model/describe/describe-model.ts'
import { exits, jsonOption, type Command } from '../command.ts'
import { modelTree } from '../model-tree.ts'
import { findEntry, findProject, loadSystem } from '../project/project.ts'

export const model: Command = {
  name: 'model',
  about: 'Prints the model: contexts, aggregates, what follows what',
  takes: '[system]',
  most: 1,
  options: { json: jsonOption },
  details: 'The JSON is of the format dure-model/1: stable, for pictures, documents and manifests.',
  async run({ arguments: [given], options }, { cwd, out, paint }) {
    const system = await loadSystem(findEntry('system', findProject(cwd), cwd, given), cwd)
    const described = describeModel(system)
    out(options['json'] === true ? `${JSON.stringify(described, null, 2)}\n` : modelTree(described, paint))
    return exits.ok
  },
}
