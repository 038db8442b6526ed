import type { Paint } from '../paint.ts'
import type { Failure } from './check-log.ts'

/** Failures of one kind: a type in a version, failing in one way. */
export interface FailureGroup extends Pick<Failure, 'context' | 'type' | 'schema' | 'code'> {
  readonly aggregate: string
  readonly count: number
  /** The first of them. */
  readonly examples: readonly Pick<Failure, 'stream' | 'version' | 'position' | 'reason'>[]
}

/** How many failures of a kind are kept; the others are counted, so that a broken log of any length can be told of. */
const kept = 10

/** Failures as they come, by kind. */
export class Failures {
  readonly #groups = new Map<string, FailureGroup>()
  #count = 0

  get count(): number {
    return this.#count
  }

  get groups(): readonly FailureGroup[] {
    return [...this.#groups.values()]
  }

  add({ context, type, schema, code, ...example }: Failure): void {
    const { aggregate } = example.stream
    const key = JSON.stringify([context, aggregate, type, schema, code])
    const group = this.#groups.get(key) ?? { context, aggregate, type, schema, code, count: 0, examples: [] }
    const examples = group.count < kept ? [...group.examples, example] : group.examples
    this.#groups.set(key, { ...group, count: group.count + 1, examples })
    this.#count++
  }
}

/** A group for a person. */
export function groupText(it: FailureGroup, paint: Paint): string {
  const { context, aggregate, type, schema, code, count, examples } = it
  const events = `${count} event${count === 1 ? '' : 's'}`
  const head = `${paint('red', code)} ${paint('bold', `${context}, ${aggregate}.${type} v${schema}`)}: ${events}\n`
  const lines = examples.map(({ stream, version, position, reason }) => {
    const tenant = stream.tenant === '' ? '' : ` of tenant ${stream.tenant}`
    const place = paint('gray', `version ${version}, position ${position}`)
    return `  ${stream.aggregate}/${stream.id}${tenant} ${place}\n    ${reason}\n`
  })
  const more = count - examples.length
  return `${head}${lines.join('')}${more === 0 ? '' : `  and ${more} more\n`}\n`
}
