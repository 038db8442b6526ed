import assert from 'node:assert/strict'
import type { StoredReply } from '../../ports/event-store.ts'
import { append, order, type StorageCase, unit } from './harness.ts'

const reply: StoredReply = { tenant: 'acme', key: 'k-1', request: 'hash', reply: { id: '1', token: null } }
const taken = { ok: false, reason: 'key' } as const

export const replyCases: readonly StorageCase[] = [
  {
    name: 'a reply is found under its tenant and key',
    async run({ fresh }) {
      const store = await fresh()
      assert.equal(await store.findReply('acme', 'k-1'), undefined)
      await store.commit(unit([append(order('1'), 0)], { reply }))
      assert.deepEqual(await store.findReply('acme', 'k-1'), reply)
      assert.equal(await store.findReply('', 'k-1'), undefined)
      assert.equal(await store.findReply('acme', 'K-1'), undefined)
    },
  },
  {
    name: 'the same key twice: the second commit stores nothing',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([append(order('1'), 0, 2)], { reply }))
      const other = { ...reply, request: 'other', reply: { id: '2' } }
      assert.deepEqual(await store.commit(unit([append(order('2'), 0)], { reply: other })), taken)
      assert.deepEqual(await store.commit(unit([append(order('2'), 0, 3)], { reply: other })), taken)
      assert.deepEqual(await store.commit(unit([append(order('1'), 2)], { reply })), taken)
      assert.deepEqual(
        await store.commit(unit([append(order('2'), 0), append(order('3'), 0)], { reply })),
        taken,
      )
      assert.deepEqual(await store.commit(unit([], { reply })), taken)
      assert.equal((await store.readStream(order('1'))).version, 2)
      for (const id of ['2', '3']) assert.equal((await store.readStream(order(id))).version, 0)
      assert.deepEqual(await store.findReply('acme', 'k-1'), reply)
    },
  },
  {
    name: 'a key that is taken is named before a version that is stale',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([append(order('1'), 0)], { reply }))
      assert.deepEqual(await store.commit(unit([append(order('1'), 0)], { reply })), taken)
      assert.deepEqual(
        await store.commit(unit([append(order('1'), 0), append(order('2'), 0)], { reply })),
        taken,
      )
    },
  },
  {
    name: 'another key, or the key of another tenant, does not stand in the way',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([append(order('1'), 0)], { reply }))
      const others = [
        { ...reply, key: 'k-2' },
        { ...reply, tenant: '' },
        { ...reply, tenant: 'acmek', key: '-1' },
      ]
      for (const [i, it] of others.entries()) {
        assert.equal((await store.commit(unit([append(order('1'), i + 1)], { reply: it }))).ok, true)
      }
    },
  },
  {
    name: 'a commit that conflicts does not take its key',
    async run({ fresh }) {
      const store = await fresh()
      const lost = await store.commit(unit([append(order('1'), 7)], { reply }))
      assert.deepEqual(lost, { ok: false, reason: 'version', stream: order('1') })
      assert.equal(await store.findReply('acme', 'k-1'), undefined)
      assert.equal((await store.commit(unit([append(order('1'), 0)], { reply }))).ok, true)
    },
  },
  {
    name: 'a reply alone is stored: a rejected command is answered the same again',
    async run({ fresh }) {
      const store = await fresh()
      const rejected = { ...reply, reply: { rejected: 'EmptyOrder' } }
      assert.deepEqual(await store.commit(unit([], { reply: rejected })), { ok: true, positions: [] })
      assert.deepEqual(await store.findReply('acme', 'k-1'), rejected)
    },
  },
  {
    name: 'of racing commits with one key exactly one is stored, also for different streams',
    async run({ fresh }) {
      const store = await fresh()
      for (let round = 0; round < 5; round++) {
        const key = `race-${round}`
        const tries = Array.from({ length: 10 }, (_, i) =>
          store.commit(
            unit([append(order(`${key}-${i}`), 0, 1 + (i % 2))], { reply: { ...reply, key, reply: { i } } }),
          ),
        )
        const outcomes = await Promise.all(tries)
        assert.equal(outcomes.filter((it) => it.ok).length, 1)
        for (const lost of outcomes.filter((it) => !it.ok)) assert.equal(lost.reason, 'key')
        const winner = outcomes.findIndex((it) => it.ok)
        assert.deepEqual((await store.findReply('acme', key))?.reply, { i: winner })
        for (const i of outcomes.keys()) {
          const { version } = await store.readStream(order(`${key}-${i}`))
          assert.equal(version > 0, i === winner)
        }
      }
    },
  },
  {
    name: 'a key is kept for 7 days',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([], { reply }))
      const sixDaysLater = new Date(unit([]).at.getTime() + 6 * 24 * 3600 * 1000)
      await store.commit(unit([append(order('1'), 0)], { at: sixDaysLater, reply: { ...reply, key: 'k-2' } }))
      assert.deepEqual(await store.findReply('acme', 'k-1'), reply)
    },
  },
]
