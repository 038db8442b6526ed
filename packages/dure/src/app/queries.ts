import { asInput, asStored } from '../domain/fields/codec.ts'
import { shapeOf, type Shape } from '../domain/fields/shape.ts'
import type { Fields } from '../domain/fields/field.ts'
import type { Issue } from '../kernel/error.ts'
import { fault } from '../kernel/errors/fault.ts'
import type { Json } from '../kernel/json.ts'
import { refuseLate, untilDeadline } from '../kernel/limits.ts'
import { admit, admits, queryGuard, type Guard } from '../model/access/guard.ts'
import type { ContextRuntime } from './context-runtime.ts'
import { answerOf, type AnswerCodec } from '../model/shapes-of-call.ts'
import { readingOf, type Asker, type Asking, type Progress } from './reading.ts'

interface QueryTarget {
  readonly name: string
  readonly in: Shape
  readonly out: AnswerCodec
  readonly run: (input: never, reading: never) => unknown
  /** Who may ask it; undefined where everyone may. */
  readonly guard: Guard | undefined
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
        const query = context.definition.contract.queries[name] as { in: Fields }
        const where = `${context.name}.${name}`
        const guard = queryGuard(context.definition, name)
        const shapes = { in: shapeOf(query.in, where), out: answerOf(query) }
        return [name, { name: where, ...shapes, run: run as never, guard }]
      }),
    )
  }

  /** The answer as it crosses a boundary. @throws DURE_COMMAND_INVALID, DURE_QUERY_NOTHING, DURE_QUERY_ANSWER */
  async answer(name: string, input: unknown, asker: Asker, ask: Asking, from?: string): Promise<Json> {
    const target = this.#targetOf(name)
    if (target.guard !== undefined) {
      return target.out.encode(await this.#guarded(target, target.guard, input, callerFrom(asker, from), ask))
    }
    return target.out.encode(this.#checked(target, await this.#run(target, input, asker, ask)))
  }

  /**
   * The answer as values, or a promise of it, for a caller in this process: the context `from`. Waiting for what is there
   * already would cost more than all else.
   */
  values(name: string, input: unknown, asker: Asker, ask: Asking, from?: string): unknown {
    const target = this.#targetOf(name)
    if (target.guard !== undefined) {
      return this.#guarded(target, target.guard, input, callerFrom(asker, from), ask)
    }
    const answer = this.#run(target, input, asker, ask)
    return isPromise(answer) ? answer.then((it) => this.#checked(target, it)) : this.#checked(target, answer)
  }

  // Whom nothing lets in is told before the input is looked at; to whom the answer does not belong, there is none.
  async #guarded(
    target: QueryTarget,
    guard: Guard,
    input: unknown,
    asker: Asker,
    ask: Asking,
  ): Promise<unknown> {
    admit(guard, asker, {})
    const known = { input: read(target, input) }
    const admitted = admit(guard, asker, known)
    const owned = this.#checked(target, await this.#run(target, input, asker, ask))
    if (admitted || admits(guard, asker, { ...known, owned })) return owned
    throw fault('DURE_QUERY_NOTHING', placeOf(target))
  }

  #targetOf(query: string): QueryTarget {
    const target = this.#targets.get(query)
    if (target !== undefined) return target
    throw fault('DURE_QUERY_UNKNOWN', {
      context: this.#context.name,
      query,
      known: [...this.#targets.keys()],
    })
  }

  #run(target: QueryTarget, input: unknown, asker: Asker, ask: Asking): unknown {
    const { world } = this.#context
    const limited = asker.deadline !== undefined || asker.signal !== undefined
    if (limited) refuseLate(asker, world, target.name)
    const values = read(target, input)
    const answer = target.run(values as never, readingOf(this.#context, this.#progress, ask, asker) as never)
    if (!limited || !isPromise(answer)) return answer
    return untilDeadline(Promise.resolve(answer), asker, world, target.name)
  }

  // An answer is checked before it leaves: unknown fields are dropped, so a handler may return more than it promised.
  #checked(target: QueryTarget, answer: unknown): unknown {
    if (answer === undefined || answer === null) throw fault('DURE_QUERY_NOTHING', placeOf(target))
    const issues: Issue[] = []
    const values = target.out.parse(answer, issues, asStored)
    const wrong = issues[0]
    if (wrong === undefined) return values
    const reason = `${wrong.path || '/'}: ${wrong.message}`
    throw fault('DURE_QUERY_ANSWER', { ...placeOf(target), reason })
  }
}

// Query builders hand out promises of their own making.
function isPromise(it: unknown): it is PromiseLike<unknown> {
  return typeof it === 'object' && it !== null && typeof (it as { then?: unknown }).then === 'function'
}

function read(target: QueryTarget, input: unknown): object {
  const issues: Issue[] = []
  const values = target.in.parse(input, issues, asInput)
  if (issues.length > 0) throw fault('DURE_COMMAND_INVALID', { command: target.name, issues })
  return values
}

const callerFrom = (asker: Asker, service: string | undefined): Asker =>
  service === undefined ? asker : { ...asker, service }

function placeOf({ name }: QueryTarget): { context: string; query: string } {
  const [context, query] = name.split('.', 2) as [string, string]
  return { context, query }
}
