import { isDureError } from 'dure'
import type { ContextStore, LogReader } from 'dure/ports'

const ever = 'ever'

/** One epoch for ever: positions after a restore are taken for those before it. */
export function noEpoch(store: ContextStore): Partial<ContextStore> {
  return {
    epoch: ever,
    epochs: [{ epoch: ever, began: 0 }],
    onEpoch: () => () => undefined,
    openLog: (after) => readingOn(store, after),
  }
}

/** A reader that goes on where it stands when the log has become another. */
function readingOn(store: ContextStore, after: number): LogReader {
  let reader = store.openLog(after)
  return {
    get mark() {
      return reader.mark
    },
    async next(limit) {
      try {
        return await reader.next(limit)
      } catch (error) {
        if (!isDureError(error, 'DURE_STORE_EPOCH')) throw error
        reader = store.openLog(reader.mark)
        return reader.next(limit)
      }
    },
  }
}
