import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'
import type { Append, CommitOutcome, StreamId } from '../../../ports/event-store.ts'
import type { Claim } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, order, readUntil, type StorageCase, unit } from '../harness.ts'

/** One claim on a value. */
export function email(value: string): Claim {
  return { name: 'EmailTaken', value }
}

/** An append that gives up some values and takes others. */
export function claiming(
  stream: StreamId,
  expected: number,
  take: readonly string[],
  drop: readonly string[] = [],
): Append {
  const claims = { take: take.map(email), drop: drop.map(email) }
  return { ...append(stream, expected), claims }
}

/** The id of the order that holds a value. */
export function holder(store: ContextStore, value: string, tenant = ''): Promise<string | undefined> {
  return store.findClaim(tenant, 'Order', email(value))
}

function taken(stream: StreamId, value: string): CommitOutcome {
  return { ok: false, reason: 'unique', stream, claim: email(value) }
}

export const claimCases: readonly StorageCase[] = [
  {
    name: 'a value that one aggregate has taken refuses the commit of another, and nothing of it is stored',
    async run({ fresh }) {
      const store = await fresh()
      assert.equal(await holder(store, 'ann'), undefined)
      assert.equal((await store.commit(unit([claiming(order('1'), 0, ['ann', 'anna'])]))).ok, true)
      assert.equal(await holder(store, 'ann'), '1')
      const second = claiming(order('2'), 0, ['bob', 'ann'])
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      const rows = [{ view: 'V', key: 'k', row: {} }]
      const refused = taken(order('2'), 'ann')
      assert.deepEqual(await store.commit(unit([second])), refused)
      assert.deepEqual(await store.commit(unit([second], { reply })), refused)
      assert.deepEqual(await store.commit(unit([append(order('3'), 0), second], { reply, rows })), refused)
      assert.equal(await holder(store, 'bob'), undefined)
      assert.equal(await store.findReply('', 'k'), undefined)
      assert.equal((await store.readRows('V', ['k'])).size, 0)
      for (const id of ['2', '3']) assert.equal((await store.readStream(order(id))).version, 0)
      assert.equal((await readUntil(store.openLog(0), (events) => events.length >= 1)).length, 1)
    },
  },
  {
    name: 'tenants, aggregates and rules are apart, and so are values that only look alike',
    async run({ fresh }) {
      const store = await fresh()
      const customer = { ...order('1'), aggregate: 'Customer' }
      const values = [
        'ann',
        'Ann',
        'ann ',
        '',
        'ä',
        'a\u0308',
        'ａnn',
        "a'n\\n",
        '🙂',
        'ß',
        'ss',
        'x'.repeat(512),
      ]
      for (const [i, value] of values.entries()) {
        assert.equal((await store.commit(unit([claiming(order(`o${i}`), 0, [value])]))).ok, true)
      }
      for (const stream of [order('1', 'acme'), order('1', 'Acme'), customer]) {
        assert.equal((await store.commit(unit([claiming(stream, 0, ['ann'])]))).ok, true)
      }
      const other = { drop: [], take: [{ name: 'PhoneTaken', value: 'ann' }] }
      assert.equal((await store.commit(unit([{ ...append(order('p'), 0), claims: other }]))).ok, true)
      for (const [i, value] of values.entries()) assert.equal(await holder(store, value), `o${i}`)
      assert.equal(await holder(store, 'ann', 'acme'), '1')
      assert.equal(await store.findClaim('', 'Customer', email('ann')), '1')
      assert.equal(await store.findClaim('', 'Order', { name: 'PhoneTaken', value: 'ann' }), 'p')
      assert.equal(await holder(store, 'ANN'), undefined)
    },
  },
  {
    name: 'a value that is given up can be taken, by another or again',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([claiming(order('1'), 0, ['ann'])]))
      assert.equal((await store.commit(unit([claiming(order('1'), 1, ['bea'], ['ann'])]))).ok, true)
      assert.deepEqual([await holder(store, 'ann'), await holder(store, 'bea')], [undefined, '1'])
      assert.equal((await store.commit(unit([claiming(order('2'), 0, ['ann'])]))).ok, true)
      assert.equal(await holder(store, 'ann'), '2')
      assert.equal((await store.commit(unit([claiming(order('1'), 2, ['bea'], ['bea'])]))).ok, true)
      assert.equal(await holder(store, 'bea'), '1')
      const ends = { ...claiming(order('2'), 1, [], ['ann']), ends: true }
      assert.equal((await store.commit(unit([ends]))).ok, true)
      assert.equal(await holder(store, 'ann'), undefined)
    },
  },
  {
    name: 'to take what one has already is no conflict',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([claiming(order('1'), 0, ['ann', 'ann'])]))
      assert.equal((await store.commit(unit([claiming(order('1'), 1, ['ann', 'bea'])]))).ok, true)
      const beside = [claiming(order('1'), 2, ['ann']), append(order('2'), 0)]
      assert.equal((await store.commit(unit(beside))).ok, true)
      assert.deepEqual([await holder(store, 'ann'), await holder(store, 'bea')], ['1', '1'])
    },
  },
  {
    name: 'hundreds of values in one append, given up and taken',
    async run({ fresh }) {
      const store = await fresh()
      const values = Array.from({ length: 500 }, (_, i) => `v${i}`)
      assert.equal((await store.commit(unit([claiming(order('1'), 0, values)]))).ok, true)
      const next = [...values.slice(250), ...values.slice(0, 250).map((it) => `${it}+`)]
      assert.equal((await store.commit(unit([claiming(order('1'), 1, next, values)]))).ok, true)
      const found = await Promise.all(['v0', 'v249', 'v250', 'v499', 'v0+'].map((it) => holder(store, it)))
      assert.deepEqual(found, [undefined, undefined, '1', '1', '1'])
    },
  },
  {
    name: 'what another holds is not freed by giving it up',
    async run({ fresh }) {
      const store = await fresh()
      await store.commit(unit([claiming(order('1'), 0, ['ann'])]))
      assert.equal((await store.commit(unit([claiming(order('2'), 0, [], ['ann', 'none'])]))).ok, true)
      assert.equal(await holder(store, 'ann'), '1')
      const theft = claiming(order('2'), 1, ['ann'], ['ann'])
      assert.deepEqual(await store.commit(unit([theft])), taken(order('2'), 'ann'))
      assert.equal(await holder(store, 'ann'), '1')
    },
  },
  {
    name: 'one commit can hand values around: all are given up before any is taken',
    async run({ fresh }) {
      const store = await fresh()
      const ids = ['1', '2', '3'].map((id) => order(id))
      await store.commit(unit(ids.map((it, i) => claiming(it, 0, [`v${i}`]))))
      const round = ids.map((it, i) => claiming(it, 1, [`v${(i + 1) % 3}`], [`v${i}`]))
      assert.equal((await store.commit(unit(round))).ok, true)
      const holders = await Promise.all([0, 1, 2].map((i) => holder(store, `v${i}`)))
      assert.deepEqual(holders, ['3', '1', '2'])
    },
  },
  {
    name: 'two aggregates of one commit cannot take the same value',
    async run({ fresh }) {
      const store = await fresh()
      const both = [claiming(order('1'), 0, ['ann']), claiming(order('2'), 0, ['ann'])]
      const outcome = await store.commit(unit(both))
      assert.ok(!outcome.ok && outcome.reason === 'unique')
      assert.deepEqual(outcome.claim, email('ann'))
      for (const id of ['1', '2']) assert.equal((await store.readStream(order(id))).version, 0)
      assert.equal(await holder(store, 'ann'), undefined)
    },
  },
  {
    name: 'a stale version is named before a value, a key that is taken before both; neither takes or frees one',
    async run({ fresh }) {
      const store = await fresh()
      const reply = { tenant: '', key: 'k', request: 'h', reply: {} }
      await store.commit(unit([claiming(order('1'), 0, ['ann'])], { reply }))
      const stale = claiming(order('2'), 4, ['ann', 'bob'])
      const version = { ok: false, reason: 'version', stream: order('2') }
      assert.deepEqual(await store.commit(unit([stale])), version)
      assert.deepEqual(await store.commit(unit([claiming(order('3'), 0, ['ann']), stale])), version)
      assert.deepEqual(await store.commit(unit([stale], { reply })), { ok: false, reason: 'key' })
      const drops = claiming(order('1'), 7, [], ['ann'])
      assert.equal((await store.commit(unit([drops]))).ok, false)
      assert.deepEqual([await holder(store, 'ann'), await holder(store, 'bob')], ['1', undefined])
    },
  },
  {
    name: 'claims are kept without an event only at the version of the stream, all of them or none',
    async run({ fresh }) {
      const store = await fresh()
      await commitTo(store, order('1'), 0, 2)
      await store.commit(unit([claiming(order('2'), 0, ['bob'])]))
      for (const version of [0, 1, 3]) {
        assert.equal(await store.keepClaims(order('1'), version, [email('ann')]), false)
      }
      assert.equal(await store.keepClaims(order('none'), 0, [email('ann')]), false)
      assert.equal(await store.keepClaims(order('1'), 2, [email('ann'), email('bea')]), true)
      const clash = await store.keepClaims(order('1'), 2, [email('dan'), email('bob')])
      assert.deepEqual(clash, { claim: email('bob'), holder: '2' })
      const all = ['ann', 'bea', 'cat', 'dan', 'bob']
      const holders = (): Promise<unknown> => Promise.all(all.map((it) => holder(store, it)))
      assert.deepEqual(await holders(), ['1', '1', undefined, undefined, '2'])
      assert.equal(await store.keepClaims(order('1'), 2, [email('bea'), email('cat')]), true)
      assert.deepEqual(await holders(), [undefined, '1', '1', undefined, '2'])
      assert.equal(await store.keepClaims(order('1'), 2, []), true)
      assert.deepEqual(await holders(), [undefined, undefined, undefined, undefined, '2'])
      assert.equal((await store.readStream(order('1'))).version, 2)
    },
  },
  {
    name: 'names and values that no store can hold are refused in claims',
    async run({ fresh }) {
      const store = await fresh()
      for (const text of ['\0', 'a\udc00', 'x'.repeat(513), '두'.repeat(171)]) {
        for (const claim of [email(text), { name: text, value: 'v' }]) {
          const claims = { take: [claim], drop: [] }
          for (const refused of [
            () => store.commit(unit([{ ...append(order('1'), 0), claims }])),
            () => store.commit(unit([{ ...append(order('1'), 0), claims: { take: [], drop: [claim] } }])),
            () => store.keepClaims(order('1'), 0, [claim]),
            () => store.findClaim('', 'Order', claim),
          ]) {
            await assert.rejects(refused, (error) => isDureError(error, 'DURE_STORE_TEXT_INVALID'))
          }
        }
      }
      assert.equal((await store.readStream(order('1'))).version, 0)
    },
  },
]
