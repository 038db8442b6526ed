import { fault } from '../../kernel/errors/fault.ts'
import type { AnySetting, Attached } from '../../model/attached/attached.ts'
import { OWN } from '../../model/attached/readers.ts'
import type { System } from '../../model/system.ts'
import { required, type Variable } from './variable.ts'

/** What the contexts of a system, and its program, get from where they run; each once. */
export function attachedOf(system: System, contexts?: readonly string[]): readonly Attached<unknown>[] {
  const here = system.contexts.filter((it) => contexts?.includes(it.name) ?? true)
  return [...new Set([...system.config, ...here.flatMap((it) => it.attached)])]
}

/**
 * The variables that they are read from.
 * @throws DURE_MODEL_DUPLICATE where two of them, or one of them and Dure, mean a variable differently
 */
export function declaredVariables(
  system: System,
  attached: readonly Attached<unknown>[],
  taken: Readonly<Record<string, unknown>>,
  standIns: boolean,
): Readonly<Record<string, Variable<unknown>>> {
  const declared: Record<string, Variable<unknown>> = {}
  for (const it of attached) {
    for (const [name, setting] of Object.entries(it.variables)) {
      if (Object.hasOwn(taken, name) || Object.hasOwn(declared, name)) {
        throw fault('DURE_MODEL_DUPLICATE', { what: 'a variable', name, where: `system ${system.name}` })
      }
      declared[name] = variableOf(setting, standIns && mayStandIn(it))
    }
  }
  return declared
}

/** Whether something in memory can do its work in development. */
function mayStandIn(it: Attached<unknown>): boolean {
  const type = (it as { readonly spec?: { readonly type: string } }).spec?.type
  return type === 'cache' || type === 'objectStore'
}

function variableOf(setting: AnySetting, unset: boolean): Variable<unknown> {
  const { about, secret = false, optional = false } = setting
  const fallback: unknown = setting.default ?? (optional || unset ? undefined : required)
  return { about, secret, fallback, read: (text) => readBy(setting, text, secret) }
}

interface Validated {
  readonly value?: unknown
  readonly issues?: readonly { readonly message: string }[]
}

function readBy({ read }: AnySetting, text: string, secret: boolean): unknown {
  const schema = read['~standard']
  let result: Validated | Promise<Validated>
  try {
    result = schema.validate(text) as Validated | Promise<Validated>
  } catch {
    return { wrong: 'its schema failed while reading it' }
  }
  if (result instanceof Promise) {
    void result.catch(() => undefined)
    return { wrong: 'its schema answers later, where one that answers at once is needed' }
  }
  if (result.issues === undefined) return result.value
  // A schema may repeat what it was given; only of Dure's own readers it is known that they do not.
  if (secret && schema.vendor !== OWN) return { wrong: 'the value is refused by its schema' }
  const said = result.issues.map((it) => it.message).join('; ')
  return { wrong: secret ? said : `${said}, found "${text.slice(0, 200)}"` }
}
