import type { ContextStore, Storage } from 'dure/ports'
import type pg from 'pg'
import { ackBeforeCommit } from '../plants/ack-before-commit.ts'
import { idGreaterLast } from '../plants/id-greater-last.ts'
import { noEpoch } from '../plants/no-epoch.ts'
import { noInbox } from '../plants/no-inbox.ts'
import type { Plant } from './protocol.ts'

export interface Pools {
  readonly orders: pg.Pool
  readonly rest: pg.Pool
}

const makes: Readonly<Record<Plant, (store: ContextStore, pool: pg.Pool) => Partial<ContextStore>>> = {
  'ack-before-commit': ackBeforeCommit,
  'no-inbox': noInbox,
  'id-greater-last': idGreaterLast,
  'no-epoch': noEpoch,
}

/** The storage with a bug in the stores that it opens; as it is without one. */
export function planted(plant: Plant | undefined, storage: Storage, pools: Pools): Storage {
  if (plant === undefined) return storage
  return {
    ...storage,
    async openContext(context, ...more) {
      const store = await storage.openContext(context, ...more)
      return overriding(store, makes[plant](store, context === 'Orders' ? pools.orders : pools.rest))
    },
  }
}

/** The same object but for some members. Its own methods must see itself: they use private fields. */
function overriding(store: ContextStore, wrong: Partial<ContextStore>): ContextStore {
  const descriptors = Object.getOwnPropertyDescriptors(wrong)
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(descriptors, name)) return Reflect.get(wrong, name, wrong) as unknown
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
