import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { ParkedFilter } from '../../../ports/parking.ts'
import { append, noon, order, type StorageCase, unit } from '../harness.ts'
import { kept, move, parked } from './consumed.ts'

const later = new Date(noon.getTime() + 60_000)
const place = (position: number) => ({ consumer: 'policy', source: 'Ordering', position })

const next = (epoch: string) => unit([], { inbox: move([{ slice: 1, from: 5, to: 9 }], 9, { epoch }) })

const refuses = async (
  work: Promise<unknown>,
  code: 'DURE_STORE_TEXT_INVALID' | 'DURE_ROW_QUERY_INVALID',
): Promise<void> => assert.rejects(work, (error: unknown) => isDureError(error, code))

export const parkingCases: readonly StorageCase[] = [
  {
    name: 'parked messages are read in the order of the log, by consumer, source and stream, or all',
    async run({ fresh }) {
      const store = await fresh()
      const [one, two, three] = [parked('1', 9), parked('2', 5), parked('3', 7, { consumer: 'other' })]
      const four = parked('1', 11, { source: 'Stock', tries: 0 })
      const five = parked('1', 12, { stream: order('1', 't'), heldUntil: later })
      const all = [two, three, one, four, five]
      await store.commit(unit([], { parks: [one, two, three, four, five] }))
      const read = async (filter?: ParkedFilter, limit?: number) => store.readParked(filter, limit)
      const records = (some: typeof all) => some.map((it) => kept(it))
      assert.deepEqual(await read(), records(all))
      assert.deepEqual(await read({}, 2), records([two, three]))
      assert.deepEqual(await read({ consumer: 'policy', source: 'Ordering' }), records([two, one, five]))
      assert.deepEqual(await read({ aggregate: 'Order', id: '1' }), records([one, four, five]))
      assert.deepEqual(await read({ source: 'Ordering', ...order('1') }), records([one]))
      assert.deepEqual(await read({ tenant: 't' }), records([five]))
      assert.deepEqual(await read({ consumer: 'nobody' }), [])
      assert.deepEqual(await read({ aggregate: 'Invoice' }), [])
    },
  },
  {
    name: 'a filter with a text that no store holds, and a limit that is none, are refused',
    async run({ fresh }) {
      const store = await fresh()
      await refuses(store.readParked({ id: '\0' }), 'DURE_STORE_TEXT_INVALID')
      await refuses(store.readParkedSequences({ id: '\0' }), 'DURE_STORE_TEXT_INVALID')
      await refuses(store.requestRetry({ id: '\0' }), 'DURE_STORE_TEXT_INVALID')
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        await refuses(store.readParked({}, limit), 'DURE_ROW_QUERY_INVALID')
      }
    },
  },
  {
    name: 'parked sequences are one for each consumer, source and stream, with the first message and the count',
    async run({ fresh }) {
      const store = await fresh()
      const [first, second] = [parked('1', 5), parked('1', 9, { tries: 0 })]
      const other = parked('2', 4, { heldUntil: later })
      const elsewhere = parked('1', 7, { consumer: 'other' })
      await store.commit(unit([], { parks: [second, first, other, elsewhere] }))
      assert.deepEqual(await store.readParkedSequences(), [
        { first: kept(other), count: 1 },
        { first: kept(first), count: 2 },
        { first: kept(elsewhere), count: 1 },
      ])
      assert.deepEqual(await store.readParkedSequences({ consumer: 'policy', id: '1' }), [
        { first: kept(first), count: 2 },
      ])
      assert.deepEqual(await store.readParkedSequences({ source: 'Nobody' }), [])
    },
  },
  {
    name: 'a request to try again is for the first message of each sequence that is meant',
    async run({ fresh }) {
      const store = await fresh()
      const [one, behind, two] = [parked('1', 5), parked('1', 9, { tries: 0 }), parked('2', 7)]
      await store.commit(unit([], { parks: [one, behind, two] }))
      assert.equal(await store.requestRetry({ id: '3' }), 0)
      assert.equal(await store.requestRetry({ consumer: 'policy', id: '1' }), 1)
      assert.deepEqual(await store.readParked(), [kept(one, { retry: true }), kept(two), kept(behind)])
      assert.equal(await store.requestRetry({}), 2)
      assert.deepEqual(
        (await store.readParked()).map((it) => it.retry),
        [true, true, false],
      )
    },
  },
  {
    name: 'a try is noted by one of those who saw the message as it was, and answers the request for it',
    async run({ fresh }) {
      const store = await fresh()
      const one = parked('1', 5, { heldUntil: later })
      await store.commit(unit([], { parks: [one, parked('1', 9, { tries: 0 })] }))
      await store.requestRetry({})
      const tried = { tries: 2, triedAt: later, code: 'DURE_Y', reason: 'half \ud83d' }
      const racing = await Promise.all([1, 2, 3].map(async () => store.noteTry(place(5), 1, tried)))
      assert.equal(racing.filter(Boolean).length, 1)
      const now = { ...parked('1', 5), ...tried, reason: 'half \ufffd', triedAt: later }
      assert.deepEqual((await store.readParked())[0], kept(now, { triedAt: later }))
      // A request that comes while it is tried stands, whatever is noted of that try.
      await store.requestRetry({})
      assert.equal(await store.noteTry(place(5), 2, { ...tried, reason: 'why', heldUntil: noon }), true)
      const [after] = await store.readParked()
      assert.deepEqual(
        after,
        kept({ ...now, reason: 'why', heldUntil: noon }, { triedAt: later, retry: true }),
      )
      assert.equal(await store.noteTry(place(5), 1, tried), false)
      assert.equal(await store.noteTry(place(6), 2, tried), false)
    },
  },
  {
    name: 'a parked message is handled once: what takes it out of the park is refused where it is not there',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { parks: [parked('1', 5), parked('1', 9)] }))
      const unparks = [place(5)]
      const rows = [{ view: 'V', key: 'k', row: { n: 1 } }]
      const racing = await Promise.all([1, 2, 3].map(async () => store.commit(unit([], { unparks, rows }))))
      assert.equal(racing.filter((it) => it.ok).length, 1)
      assert.deepEqual(await store.readParked(), [kept(parked('1', 9))])
      const refused = await store.commit(
        unit([], { unparks: [place(5), place(9)], rows: [{ view: 'V', key: 'k', row: null }] }),
      )
      assert.deepEqual(refused, { ok: false, reason: 'inbox' })
      assert.deepEqual(await store.readParked(), [kept(parked('1', 9))])
      assert.equal((await store.readRows('V', ['k'])).size, 1)
    },
  },
  {
    name: 'watermarks that are all in the shared history go on under the next epoch',
    async run({ fresh }) {
      const store = await fresh()
      const inbox = move([{ slice: 1, from: 0, to: 5 }], 8, { place: 'here' })
      await store.commit(unit([], { inbox, parks: [parked('1', 5)] }))
      const adoption = { consumer: 'policy', source: 'Ordering', from: 'e1', to: 'e2', clampTo: 8 }
      assert.deepEqual(await store.adoptEpoch(adoption), [])
      const { parked: _, ...state } = await store.readInbox('policy', 'Ordering')
      assert.deepEqual(state, { epoch: 'e2', slices: new Map([[1, 5]]), through: 8, place: 'here' })
      assert.deepEqual(await store.readParked(), [kept(parked('1', 5))])
      assert.deepEqual(await store.commit(next('e1')), { ok: false, reason: 'inbox' })
      assert.equal((await store.commit(next('e2'))).ok, true)
    },
  },
  {
    name: 'watermarks above the shared history go back to it, and what is parked from above is returned and gone',
    async run({ fresh }) {
      const store = await fresh()
      const slices = [
        { slice: 1, from: 0, to: 5 },
        { slice: 2, from: 0, to: 9 },
      ]
      const parks = [parked('1', 5), parked('2', 9), parked('2', 8), parked('2', 9, { consumer: 'other' })]
      await store.commit(unit([], { inbox: move(slices, 12, { place: 'there' }), parks }))
      const other = { consumer: 'other' }
      await store.commit(unit([], { inbox: move([{ slice: 2, from: 0, to: 9 }], 9, other) }))
      const adoption = { consumer: 'policy', source: 'Ordering', from: 'e1', to: 'e2', clampTo: 7 }
      assert.deepEqual(await store.adoptEpoch(adoption), [kept(parked('2', 8)), kept(parked('2', 9))])
      const marks = new Map([
        [1, 5],
        [2, 7],
      ])
      const state = await store.readInbox('policy', 'Ordering')
      const sorted = new Map([...state.slices].toSorted(([a], [b]) => a - b))
      const expected = { epoch: 'e2', slices: marks, through: 7, parked: [order('1')] }
      assert.deepEqual({ ...state, slices: sorted }, expected)
      const untouched = await store.readInbox('other', 'Ordering')
      assert.deepEqual(untouched, {
        epoch: 'e1',
        slices: new Map([[2, 9]]),
        through: 9,
        parked: [order('2')],
      })
    },
  },
  {
    name: 'an epoch is taken over once, by who knows the one before, and no mover of that one comes between',
    async run({ fresh }) {
      const store = await fresh()
      const adoption = { consumer: 'policy', source: 'Ordering', from: 'e1', to: 'e2', clampTo: 3 }
      assert.equal(await store.adoptEpoch(adoption), undefined)
      await store.commit(unit([], { inbox: move([{ slice: 1, from: 0, to: 5 }], 5) }))
      assert.equal(await store.adoptEpoch({ ...adoption, from: 'e0' }), undefined)
      const moving = [1, 2, 3].map(async (i) =>
        store.commit(unit([append(order(`${i}`), 0)], { inbox: move([{ slice: 1, from: 5, to: 6 }], 6) })),
      )
      const [adopted, ...moved] = await Promise.all([
        Promise.all([1, 2, 3].map(async () => store.adoptEpoch(adoption))),
        ...moving,
      ])
      assert.equal(adopted.filter((it) => it !== undefined).length, 1)
      assert.ok(moved.filter((it) => it.ok).length <= 1)
      const state = await store.readInbox('policy', 'Ordering')
      assert.deepEqual(state, { epoch: 'e2', slices: new Map([[1, 3]]), through: 3, parked: [] })
    },
  },
]
