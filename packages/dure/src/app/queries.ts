import { asInput, asStored } from '../domain/fields/codec.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { Fields } from '../domain/fields/field.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json } from '../kernel/json.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { answerCodec, readingOf, type Asker, type Asking, type Progress } from './reading.ts'

interface QueryTarget {
  readonly in: Shape
  readonly out: ReturnType<typeof answerCodec>
  readonly run: (input: never, reading: never) => unknown
}

/** Answers the queries of one context's contract. */
export class Queries {
  readonly #context: ContextRuntime
  readonly #progress: Progress
  readonly #targets: ReadonlyMap<string, QueryTarget>

  constructor(context: ContextRuntime, progress: Progress) {
    this.#context = context
    this.#progress = progress
    this.#targets = new Map(
      [...context.definition.queries].map(([name, run]) => {
        const query = context.definition.contract.queries[name] as { name: string; in: Fields; out: unknown }
        const where = `${context.name}.${name}`
        return [name, { in: shapeOf(query.in, where), out: answerCodec(query), run: run as never }]
      }),
    )
  }

  async answer(name: string, input: unknown, asker: Asker, ask: Asking): Promise<Json> {
    const context = this.#context.name
    const target = this.#targets.get(name)
    if (target === undefined) {
      throw fault('DURE_QUERY_UNKNOWN', { context, query: name, known: [...this.#targets.keys()] })
    }
    const issues: Issue[] = []
    const values = target.in.parse(input, issues, asInput)
    if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: `${context}.${name}`, issues })
    const reading = readingOf(this.#context, this.#progress, ask, asker)
    const answer = await target.run(values as never, reading as never)
    if (answer === undefined || answer === null) throw fault('DURE_QUERY_NOTHING', { context, query: name })
    return this.#encode(name, target, answer)
  }

  // An answer is checked before it leaves: unknown fields are dropped, so a handler may return more than it promised.
  #encode(query: string, target: QueryTarget, answer: unknown): Json {
    const issues: Issue[] = []
    const values = target.out.parse(answer, issues, asStored)
    const wrong = issues[0]
    if (wrong === undefined) return target.out.encode(values)
    const reason = `${wrong.path || '/'}: ${wrong.message}`
    throw fault('DURE_QUERY_ANSWER', { context: this.#context.name, query, reason })
  }
}
