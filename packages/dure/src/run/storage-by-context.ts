import type { Storage } from '../ports/store.ts'

/**
 * A storage of which single contexts have one of their own. Nothing reads another's tables, so that is a matter of where a
 * context is opened.
 * @param others undefined where every context has its own
 * @param keyOf under which name `own` has a context
 */
export function storageByContext(
  others: Storage | undefined,
  own: ReadonlyMap<string, Storage>,
  keyOf: (context: string) => string = (context) => context,
): Storage {
  if (own.size === 0 && others !== undefined) return others
  const all = [...(others === undefined ? [] : [others]), ...own.values()]
  const of = (context: string): Storage => (own.get(keyOf(context)) ?? others ?? all[0]) as Storage
  const archives = others?.archiving !== undefined
  return {
    name: [...new Set(all.map((it) => it.name))].join(', '),
    get warnings() {
      return all.flatMap((it) => it.warnings ?? [])
    },
    openContext: (context, kept, system) => of(context).openContext(context, kept, system),
    migration: (context, kept, system) => of(context).migration(context, kept, system),
    ...(archives && {
      archiving: (context, followers, contexts, system) =>
        (of(context) as Required<Storage>).archiving(context, followers, contexts, system),
    }),
    async ping() {
      await Promise.all(all.map((it) => it.ping()))
    },
    async maintain() {
      await Promise.all(all.map((it) => it.maintain()))
    },
    async close() {
      await Promise.all(all.map((it) => it.close()))
    },
  }
}
