/** The rows of the three views by their keys, as any client would ask for them. */
export interface Views {
  readonly orders: ReadonlyMap<string, object>
  readonly shipments: ReadonlyMap<string, object>
  readonly journeys: ReadonlyMap<string, object>
}

const page = 1000

export async function readViews(urlOf: (context: string) => string): Promise<Views> {
  const [orders, shipments, journeys] = await Promise.all(
    ['Orders/orders', 'Fulfilment/shipments', 'Ledger/journeys'].map(async (it) => {
      const [context = '', query = ''] = it.split('/')
      return allRows(`${urlOf(context)}/q/${context.toLowerCase()}/${query}`)
    }),
  )
  return { orders: orders as never, shipments: shipments as never, journeys: journeys as never }
}

async function allRows(url: string): Promise<ReadonlyMap<string, object>> {
  const rows = new Map<string, object>()
  for (let offset = 0; ; offset += page) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ offset }),
    })
    const some: unknown = await response.json()
    if (!Array.isArray(some)) throw new Error(`${url} answered ${response.status} ${JSON.stringify(some)}`)
    for (const row of some as { readonly id: string }[]) rows.set(row.id, row)
    if (some.length < page) return rows
  }
}
