import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isDureError } from '../../../kernel/error.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { freshName, type StorageCase } from '../harness.ts'

const refused = (error: unknown): boolean => isDureError(error, 'DURE_STORE_TEXT_INVALID')

/** Longer than any case takes. */
const LONG = 60_000

export const leaseCases: readonly StorageCase[] = [
  {
    name: 'a lease has one holder at a time, who renews it under the same number',
    async run({ fresh }) {
      const store = await fresh()
      assert.equal(await store.takeLease('relay 0', 'a', LONG), 1)
      assert.equal(await store.takeLease('relay 0', 'b', LONG), undefined)
      assert.equal(await store.takeLease('relay 0', 'a', LONG), 1)
      assert.equal(await store.takeLease('relay 1', 'b', LONG), 1)
      assert.equal(await store.takeLease('relay 0', 'b', LONG), undefined)
    },
  },
  {
    name: 'of those who want a lease at once one gets it, whichever opening of the context they ask',
    async run({ storage }) {
      const name = freshName()
      const stores = [await storage.openContext(name), await storage.openContext(name)]
      let last = 0
      for (let round = 1; round <= 10; round++) {
        const holders = Array.from({ length: 12 }, (_, i) => `${round}/${i}`)
        const got = await Promise.all(
          holders.map((it, i) => (stores[i % 2] as ContextStore).takeLease('l', it, LONG)),
        )
        const winners = holders.filter((_, i) => got[i] !== undefined)
        assert.equal(winners.length, 1, `round ${round}`)
        const number = got.find((it) => it !== undefined) ?? 0
        assert.equal(number, last + 1)
        last = number
        await stores[0]?.dropLease('l', winners[0] ?? '')
      }
    },
  },
  {
    name: 'a lease that is not renewed goes to the next who asks, under the next number',
    async run({ fresh }) {
      const store = await fresh()
      assert.equal(await store.takeLease('l', 'a', 40), 1)
      assert.equal(await store.takeLease('l', 'b', LONG), undefined)
      await pause(80)
      assert.equal(await store.takeLease('l', 'b', LONG), 2)
      // The one who has slept finds that it is not its own any more.
      assert.equal(await store.takeLease('l', 'a', LONG), undefined)
      assert.equal(await store.takeLease('l', 'b', 1), 2)
      await pause(40)
      assert.equal(await store.takeLease('l', 'a', LONG), 3)
    },
  },
  {
    name: 'a renewal counts from when it is asked for',
    async run({ fresh }) {
      const store = await fresh()
      await store.takeLease('l', 'a', 300)
      await pause(200)
      assert.equal(await store.takeLease('l', 'a', 60_000), 1)
      await pause(200)
      assert.equal(await store.takeLease('l', 'b', LONG), undefined)
    },
  },
  {
    name: 'only the holder gives a lease up; the number goes on rising',
    async run({ fresh }) {
      const store = await fresh()
      await store.dropLease('l', 'a')
      assert.equal(await store.takeLease('l', 'a', LONG), 1)
      await store.dropLease('l', 'b')
      assert.equal(await store.takeLease('l', 'b', LONG), undefined)
      await store.dropLease('l', 'a')
      await store.dropLease('l', 'a')
      assert.equal(await store.takeLease('l', 'b', LONG), 2)
      await store.dropLease('l', 'a')
      assert.equal(await store.takeLease('l', 'a', LONG), undefined)
    },
  },
  {
    name: 'a lease can be looked at by who does not want it: its holder, its number and how long it lasts',
    async run({ storage }) {
      const name = freshName()
      const store = await storage.openContext(name)
      const other = await storage.openContext(name)
      assert.equal(await other.readLease('l'), undefined)
      await store.takeLease('l', 'a', LONG)
      const { leftMs, ...held } = (await other.readLease('l')) ?? assert.fail()
      assert.deepEqual(held, { holder: 'a', number: 1 })
      assert.ok(leftMs > LONG / 2 && leftMs <= LONG, `${leftMs}`)
      assert.equal(await other.readLease('m'), undefined)
      await store.dropLease('l', 'a')
      assert.equal(await other.readLease('l'), undefined)
      await store.takeLease('l', 'b', 40)
      await pause(80)
      assert.equal(await other.readLease('l'), undefined)
      await store.takeLease('l', 'c', LONG)
      assert.deepEqual({ ...(await other.readLease('l')), leftMs: 0 }, { holder: 'c', number: 3, leftMs: 0 })
    },
  },
  {
    name: 'leases that are held can be listed by how their names begin',
    async run({ fresh }) {
      const store = await fresh()
      assert.deepEqual(await store.readLeases(''), [])
      for (const it of ['b 2', 'a 1', 'b 1', 'B 1', 'b_1']) await store.takeLease(it, `of ${it}`, LONG)
      await store.takeLease('b 3', 'gone', LONG)
      await store.dropLease('b 3', 'gone')
      await store.takeLease('b 4', 'over', 20)
      await pause(50)
      const found = await store.readLeases('b ')
      assert.deepEqual(
        found.map(({ name, holder, number }) => [name, holder, number]),
        [
          ['b 1', 'of b 1', 1],
          ['b 2', 'of b 2', 1],
        ],
      )
      assert.ok(found.every(({ leftMs }) => leftMs > LONG / 2 && leftMs <= LONG))
      assert.equal((await store.readLeases('')).length, 5)
    },
  },
  {
    name: 'a lease without name, holder or sensible length is refused',
    async run({ fresh }) {
      const store = await fresh()
      const invalid: [string, string, number][] = [
        ['', 'a', 1],
        ['l', '', 1],
        ['l', 'a', 0],
        ['l', 'a', -1],
        ['l', 'a', Number.NaN],
        ['l', 'a', Number.POSITIVE_INFINITY],
        ['l', 'a', 25 * 3600 * 1000],
      ]
      for (const it of invalid) {
        await assert.rejects(
          () => store.takeLease(...it),
          (error) => isDureError(error, 'DURE_LEASE_INVALID'),
        )
      }
      const unstorable = ['a\0b', 'x'.repeat(513)]
      for (const it of unstorable) {
        for (const [name, holder] of [
          [it, 'a'],
          ['l', it],
        ] as const) {
          await assert.rejects(() => store.takeLease(name, holder, LONG), refused)
          await assert.rejects(() => store.dropLease(name, holder), refused)
        }
      }
      for (const it of unstorable) await assert.rejects(() => store.readLease(it), refused)
      assert.equal(await store.takeLease('l', 'a', 24 * 3600 * 1000), 1)
    },
  },
  {
    name: 'leases outlive whoever took them',
    needs: 'durable',
    async run(trial) {
      const name = freshName()
      assert.equal(await (await trial.storage.openContext(name)).takeLease('l', 'a', LONG), 1)
      const after = await (await trial.reopen()).openContext(name)
      assert.equal(await after.takeLease('l', 'b', LONG), undefined)
      assert.equal(await after.takeLease('l', 'a', LONG), 1)
    },
  },
]
