import type { Storage } from 'dure/ports'

/** Puts contexts on storages of their own, by name: a restore of one takes nothing of the others back. */
export function routedStorage(routes: Readonly<Record<string, Storage>>, otherwise: Storage): Storage {
  const all = [...new Set([...Object.values(routes), otherwise])]
  const of = (context: string): Storage => routes[context] ?? otherwise
  const each = async (work: (it: Storage) => Promise<void>): Promise<void> => {
    await Promise.all(all.map(work))
  }
  return {
    name: all.map((it) => it.name).join(' + '),
    openContext: (context, ...more) => of(context).openContext(context, ...more),
    migration: (context, ...more) => of(context).migration(context, ...more),
    ping: () => each((it) => it.ping()),
    maintain: () => each((it) => it.maintain()),
    close: () => each((it) => it.close()),
  }
}
