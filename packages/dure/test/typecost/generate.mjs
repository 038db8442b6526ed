// Writes a model of many aggregates, to measure what the types of Dure cost the compiler.

/** TypeScript text: `aggregates` aggregates with `each` events and `each` commands. */
export function generateModel({ aggregates, each }) {
  const imports = [
    `import * as z from 'zod'`,
    `import { aggregate, event, list, oneOf, optional, valueObject } from 'dure'`,
  ]
  return [...imports, ...numbers(aggregates).map((a) => aggregateText(a, each))].join('\n')
}

const numbers = (count) => Array.from({ length: count }, (_, i) => i)

function aggregateText(a, each) {
  const names = numbers(each).map((e) => `E${a}_${e}`)
  const [first, ...others] = names
  return `
export class V${a} extends valueObject('V${a}', { a: z.int(), c: oneOf('x', 'y') }) {}
${names.map((it) => `export const ${it} = event('${it}', { id: z.string(), n: z.int() })`).join('\n')}
export const A${a} = aggregate('A${a}', {
  state: { n: z.int(), v: V${a}, s: oneOf('p', 'q', 'r'), l: list(V${a}), o: optional(z.string()) },
  events: { ${names.join(', ')} },
  rejections: { R0: {}, R1: { n: z.int() }, R2: {} },
})
  .starts({ ${first}: (e) => ({ n: e.n, v: new V${a}({ a: 1, c: 'x' }), s: 'p', l: [] }) })
  .evolves({ ${others.map((it) => `${it}: (s, e) => ({ ...s, n: e.n })`).join(', ')} })
  .factory('c0', { n: z.int(), v: V${a} }, (i, { emit, reject, id }) =>
    i.n > 0 ? emit.${first}({ id, n: i.n }) : reject('R0'),
  )
${others.map((it, i) => commandText(`c${i + 1}`, it)).join('\n')}
`
}

function commandText(name, event) {
  return `  .command('${name}', { n: z.int() }, (s, i, { emit, reject }) =>
    s.n > i.n ? emit.${event}({ id: 'x', n: i.n }) : reject('R1', { n: s.n }),
  )`
}
