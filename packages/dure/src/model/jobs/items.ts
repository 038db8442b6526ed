import { fault } from '../../kernel/errors/fault.ts'
import type { CommandsMap, IssuedCommand } from '../issuing.ts'

/** What is done with items that a job or a poller has read, as data. */
export interface ItemsDefinition {
  readonly name: string
  readonly commands: CommandsMap
  readonly key: (item: unknown) => string
  readonly tenant: ((item: unknown) => string) | undefined
  /** `circumstances`: the run of a job, the poll of a poller. */
  readonly run: (item: unknown, circumstances: object) => readonly IssuedCommand[]
  readonly onRejected:
    | ((rejection: object, item: unknown, circumstances: object) => readonly IssuedCommand[])
    | undefined
}

/** How items are told apart. */
export interface Keyed<I> {
  /** What tells an item from all others, 1 to 200 characters: its id where it has one. */
  readonly key: (item: I) => string
  /** Whose the item is, in a system with tenants; the commands issued for it are for this tenant. */
  readonly tenant?: (item: I) => string
}

/** Lets the name of a job or poller pass: a sentence, its identity in the store. */
export function checkTaskName(what: string, name: unknown): asserts name is string {
  const fine =
    typeof name === 'string' &&
    name.trim() === name &&
    /^[^\p{Cc}]{1,100}$/u.test(name) &&
    !name.includes('/')
  if (fine) return
  throw fault('DURE_MODEL_INVALID', {
    where: `${what} ${JSON.stringify(name)}`,
    reason: 'its name is none.',
    fix: `Name it by a sentence of 1 to 100 characters, without / and line breaks: ${what}('cancel what nobody paid').`,
  })
}

/** Refuses items that nothing tells apart: without a key nothing could be done once. */
export function checkKeyed(where: string, { key }: { readonly key?: unknown }): void {
  if (typeof key === 'function') return
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: 'it does not say what tells its items apart.',
    fix: 'Give it key: (item) => item.id, so that nothing is done twice for one of them.',
  })
}
