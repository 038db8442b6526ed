import { runNode } from './tool.mjs'

const projects = ['packages/dure', '.']

export const types = {
  name: 'types',
  about: 'tsc over the library, then over tests, type tests and examples',
  unit: 'files',
  async run() {
    const results = []
    for (const project of projects) results.push(await typeCheck(project))
    return {
      ok: results.every((it) => it.ok && it.files.length > 0),
      seen: new Set(results.flatMap((it) => it.files)).size,
      output: results.map((it) => it.output).join('\n'),
    }
  },
}

async function typeCheck(project) {
  const { ok, output } = await runNode([
    'node_modules/typescript/bin/tsc',
    '-p',
    project,
    '--noEmit',
    '--listFiles',
    '--pretty',
    'false',
  ])
  const lines = output.split('\n')
  const listed = lines.filter((line) => /^(\/|[A-Za-z]:\/).*\.[cm]?ts$/.test(line))
  const files = listed.filter((file) => !file.includes('/node_modules/'))
  const none = files.length === 0 ? [`tsc -p ${project} read no file of ours`] : []
  return { ok, files, output: [...lines.filter((line) => !listed.includes(line)), ...none].join('\n').trim() }
}
