import type { ContextStore } from 'dure/ports'

/** Forgets to say that an event is handled: whoever reads it again, or beside, does it again. */
export function noInbox(store: ContextStore): Partial<ContextStore> {
  return {
    commit(unit) {
      return store.commit(unit.inbox === undefined ? unit : { ...unit, inbox: { ...unit.inbox, slices: [] } })
    },
  }
}
