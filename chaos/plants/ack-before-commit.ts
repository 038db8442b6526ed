import type { ContextStore } from 'dure/ports'

const delayMs = 30

/** Tells whoever sent a command that it is stored, and stores it a little later: what fails then, nobody hears of. */
export function ackBeforeCommit(store: ContextStore): Partial<ContextStore> {
  return {
    async commit(unit) {
      if (unit.reply === undefined || unit.appends.length === 0) return store.commit(unit)
      setTimeout(() => void store.commit(unit).catch(() => undefined), delayMs)
      return { ok: true, positions: unit.appends.map(() => 1) }
    },
  }
}
