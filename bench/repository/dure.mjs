import { createHost } from 'dure/host'
import { asEvents, asState } from 'dure/persistence'
import { Order, systemNamed } from './model.mjs'

const speaker = { actor: 'bench' }

/** Orders by the repository of Dure, kept as state; with `remember: 0` each load is of all rows. */
export const dureInColumns = (storage, name, remember) => dureOn(storage, name, asState(Order), remember)

/** Orders by the repository of Dure, kept as events; with `remember: 0` each load is of the whole stream. */
export const dureAsEvents = (storage, name, snapshots, remember) =>
  dureOn(storage, name, asEvents(Order, { snapshots }), remember)

async function dureOn(storage, name, persistence, remember) {
  // The storage is shared, and closed by whoever opened it.
  const kept = { ...storage, close: async () => undefined }
  const open = () => createHost(systemNamed(name), { storage: kept, persistence: [persistence], remember })
  let host = await open()
  let orders = host.repository(Order, speaker)

  return {
    load: (id) => orders.load(id),
    change: async (id, inputs) => orders.save(changed(await orders.load(id), inputs)),
    create: async (input, ...changes) => orders.save(changed(told(orders.create.place(input)), changes)),
    async changeStale(id, first, second) {
      const [one, other] = [await orders.load(id), await orders.load(id)]
      await orders.save(changed(one, [first]))
      await orders.save(changed(other, [second]))
    },
    /** A host that has seen nothing yet. */
    async renew() {
      await host.close()
      host = await open()
      orders = host.repository(Order, speaker)
    },
    close: () => host.close(),
  }
}

function changed(order, inputs) {
  return inputs.reduce((it, input) => told(it.changeQuantity(input)), order)
}

function told(decision) {
  if (!decision.ok) throw new Error(`Dure said ${decision.rejected}`)
  return decision.next
}
