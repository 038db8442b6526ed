import assert from 'node:assert/strict'
import { append, commitTo, order, type StorageCase, unit } from '../harness.ts'
import { claiming, email, holder } from './claim-cases.ts'

const racers = 20

export const claimRaceCases: readonly StorageCase[] = [
  {
    name: 'of racing takers of one value exactly one gets it, with its events; the others are told which value',
    async run({ fresh }) {
      const store = await fresh()
      for (let round = 0; round < 5; round++) {
        const value = `v${round}`
        const streams = Array.from({ length: racers }, (_, i) => order(`${round}/${i}`))
        const outcomes = await Promise.all(
          // A half of them with something beside, which a store may commit another way.
          streams.map((stream, i) =>
            store.commit(
              unit([claiming(stream, 0, [value]), ...(i % 2 ? [append(order(`${stream.id}+`), 0)] : [])]),
            ),
          ),
        )
        const winner = outcomes.findIndex((it) => it.ok)
        assert.equal(outcomes.filter((it) => it.ok).length, 1)
        for (const [i, it] of outcomes.entries()) {
          if (it.ok) continue
          const stream = streams[i]
          assert.deepEqual(it, { ok: false, reason: 'unique', stream, claim: email(value) })
          assert.equal((await store.readStream(order(`${round}/${i}`))).version, 0)
        }
        assert.equal(await holder(store, value), `${round}/${winner}`)
      }
    },
  },
  {
    name: 'racing takers of values in different order neither deadlock nor tear',
    async run({ fresh }) {
      const store = await fresh()
      const values = ['a', 'b', 'c', 'd', 'e']
      const outcomes = await Promise.all(
        Array.from({ length: racers }, (_, i) => {
          const mine = [...values.slice(i % 5), ...values.slice(0, i % 5)]
          return store.commit(unit([claiming(order(`${i}`), 0, i % 2 ? mine : mine.toReversed())]))
        }),
      )
      const winner = outcomes.findIndex((it) => it.ok)
      assert.equal(outcomes.filter((it) => it.ok).length, 1)
      for (const value of values) assert.equal(await holder(store, value), String(winner))
    },
  },
  {
    name: 'a value is never lost nor held twice while aggregates hand it to each other',
    async run({ fresh }) {
      const store = await fresh()
      const versions = [0, 0, 0, 0]
      async function grab(id: number): Promise<void> {
        for (let i = 0; i < 25; i++) {
          const stream = order(String(id))
          const took = await store.commit(unit([claiming(stream, versions[id] ?? 0, ['ball'])]))
          if (!took.ok) {
            assert.equal(took.reason, 'unique')
            continue
          }
          versions[id] = (versions[id] ?? 0) + 1
          // Nobody else can have it now.
          assert.equal(await holder(store, 'ball'), String(id))
          const gave = await store.commit(unit([claiming(stream, versions[id] ?? 0, [], ['ball'])]))
          assert.equal(gave.ok, true)
          versions[id] = (versions[id] ?? 0) + 1
        }
      }
      await Promise.all([0, 1, 2, 3].map(grab))
      assert.equal(await holder(store, 'ball'), undefined)
      assert.ok(versions.some((it) => it > 0))
      for (const [id, version] of versions.entries()) {
        assert.equal((await store.readStream(order(String(id)))).version, version)
      }
    },
  },
  {
    name: 'claims kept without an event race with commits for the same value: one gets it',
    async run({ fresh }) {
      const store = await fresh()
      for (let round = 0; round < 10; round++) {
        const value = `v${round}`
        const old = order(`old ${round}`)
        await commitTo(store, old, 0)
        const [kept, taken] = await Promise.all([
          store.keepClaims(old, 1, [email(value)]),
          store.commit(unit([claiming(order(`new ${round}`), 0, [value])])),
        ])
        assert.notEqual(kept === true, taken.ok)
        if (taken.ok) assert.deepEqual(kept, { claim: email(value), holder: `new ${round}` })
        assert.equal(await holder(store, value), taken.ok ? `new ${round}` : `old ${round}`)
      }
    },
  },
]
