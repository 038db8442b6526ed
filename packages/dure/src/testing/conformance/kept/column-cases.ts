import assert from 'node:assert/strict'
import type { StreamId } from '../../../ports/event-store.ts'
import type { Cell, ColumnKind, KeptAggregate, StateChange, StateRows } from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, commitTo, order, type StorageCase, unit } from '../harness.ts'

const samples: { readonly [kind in ColumnKind]: readonly Cell[] } = {
  text: [
    '',
    ' ',
    'null',
    'NULL',
    '\\N',
    '\\x41',
    '"quoted"',
    "it's",
    'two\nlines\r\n\ttab',
    'back\\slash',
    '{}',
    '{"a",b}',
    '(a,b)',
    ',',
    '$1; --',
    '두레 🙂 é e\u0301 \u2028',
    '\u0001\u001f\u007f\ufeff\uffff',
    'long '.repeat(20_000),
  ],
  integer: [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  number: [0, 0.1, -0.1, 1 / 3, 1e308, -Number.MAX_VALUE, 5e-324, 2.2250738585072014e-308, 1.2e21, -1e-7],
  boolean: [true, false],
  bigInt: ['0', '-1', '9007199254740993', `1${'0'.repeat(1000)}`, `-${'9'.repeat(5000)}`],
  instant: [
    '1970-01-01T00:00:00.000Z',
    '2026-03-01T12:00:00.123Z',
    '2026-12-31T23:59:59.999Z',
    '1900-01-01T00:00:00.001Z',
    '0001-01-01T00:00:00.000Z',
    '0000-12-31T23:59:59.999Z',
    '-000043-03-15T12:00:00.500Z',
    '-004712-01-01T00:00:00.000Z',
    '9999-12-31T23:59:59.999Z',
    '+010000-01-01T00:00:00.000Z',
    '+275760-09-13T00:00:00.000Z',
  ],
  bytes: ['', 'AA==', '//79', 'XHg0MQ==', 'AAECAwQFBgcICQoLDA0ODw==', 'QUJD'.repeat(30_000)],
  json: [
    'null',
    'true',
    '0',
    '1e+308',
    '5e-324',
    '9007199254740991',
    '""',
    '"a\\"b\\\\c\\nd 두레 🙂"',
    '[]',
    '{}',
    '[null]',
    '[1,[2,[3,[]]]]',
    '{"b":1,"a":{"c":[1,{"d":null}],"":"empty"}}',
  ],
}

const kinds = Object.keys(samples) as ColumnKind[]

// Words of SQL, capitals and a quote, so that a store that forgets to quote is found out.
const names = ['select', 'Order By', 'user', 'say "when"', 'table', 'from_1', "o'clock", '두레']

const table = {
  tenant: 'tenant',
  columns: kinds.map((kind, i) => ({ name: names[i] ?? '', kind, indexed: false })),
}

const kept: readonly KeptAggregate[] = [
  {
    aggregate: 'Order',
    shape: 'every kind',
    tables: {
      derived: true,
      root: { ...table, name: 'sample', keys: ['id'], version: 'version', shape: 'shape' },
      children: [{ ...table, name: 'Sample Items', keys: ['id', 'item'], ordinal: 'ordinal' }],
    },
  },
]

/** The ways that rows have into a store. */
const ways: readonly ((store: ContextStore, stream: StreamId, state: StateChange) => Promise<unknown>)[] = [
  (store, stream, state) => store.commit(unit([{ ...append(stream, 0), state }])),
  (store, stream, state) =>
    store.commit(unit([{ ...append(stream, 0), state }, append(order(`${stream.id} beside`), 0)])),
  async (store, stream, state) => {
    await commitTo(store, stream, 0)
    await store.keepState(stream, 1, state)
  },
]

async function tryRoundTrip(store: ContextStore, id: string, row: readonly Cell[]): Promise<void> {
  const rows = { root: row, children: [[['i', 0, ...row]]] }
  const state = {
    from: 0,
    root: row,
    children: [{ upserts: rows.children[0] ?? [], removes: [] }],
    whole: true,
  }
  for (const [i, way] of ways.entries()) {
    const stream = order(`${id} ${i}`)
    await way(store, stream, state)
    const { baseline } = await store.readHistory(stream)
    assert.ok(baseline !== undefined && 'rows' in baseline, `${id}: no rows`)
    assert.deepEqual(byValue(baseline.rows), byValue(rows), id)
  }
}

/** JSON is the same if its value is: a store may write it another way. */
function byValue({ root, children }: StateRows): unknown {
  return {
    root: root.map(cellByValue),
    children: children.map((rows) =>
      rows.map(([key, ordinal, ...row]) => [key, ordinal, row.map(cellByValue)]),
    ),
  }
}

/** Of a table whose columns are every kind in turn. */
function cellByValue(cell: Cell, column: number): unknown {
  const isJson = kinds[column % kinds.length] === 'json' && typeof cell === 'string'
  return isJson ? { json: JSON.parse(cell) as unknown } : cell
}

export const columnCases: readonly StorageCase[] = [
  {
    name: 'no value in any column is told from null, empty text, zero and the null of JSON',
    async run({ fresh }) {
      const store = await fresh(kept)
      await tryRoundTrip(
        store,
        'nulls',
        kinds.map(() => null),
      )
      await tryRoundTrip(store, 'zeros', ['', 0, 0, false, '0', '1970-01-01T00:00:00.000Z', '', 'null'])
    },
  },
  ...kinds.map((kind, column) => ({
    name: `cells of ${kind} come back as they were written`,
    async run({ fresh }: Parameters<StorageCase['run']>[0]) {
      const store = await fresh(kept)
      for (const [i, cell] of samples[kind].entries()) {
        const row = kinds.map((_, at) => (at === column ? cell : null))
        await tryRoundTrip(store, `${kind} ${i}`, row)
      }
    },
  })),
  {
    name: 'tables of hundreds of columns',
    async run({ fresh }) {
      const columns = Array.from({ length: 320 }, (_, i) => ({
        name: `c${i}`,
        kind: kinds[i % kinds.length] ?? 'text',
        indexed: false,
      }))
      const [one] = kept
      const { root, children } = one?.tables ?? assert.fail()
      const wide = {
        derived: true,
        root: { ...root, columns },
        children: children.map((it) => ({ ...it, columns })),
      }
      const store = await fresh([{ aggregate: 'Order', shape: 'wide', tables: wide }])
      const row = columns.map(({ kind }, i) => samples[kind][i % samples[kind].length] ?? null)
      await tryRoundTrip(store, 'wide', row)
    },
  },
  {
    name: 'a negative zero is a zero, as everywhere in JSON',
    async run({ fresh }) {
      const store = await fresh(kept)
      const row = kinds.map((kind) => (kind === 'number' || kind === 'integer' ? -0 : null))
      const state = { from: 0, root: row, children: [{ upserts: [], removes: [] }], whole: true }
      await store.commit(unit([{ ...append(order('1'), 0), state }]))
      const { baseline } = await store.readHistory(order('1'))
      assert.ok(baseline !== undefined && 'rows' in baseline)
      assert.deepEqual(
        baseline.rows.root.map((it) => it ?? undefined),
        kinds.map((kind) => (kind === 'number' || kind === 'integer' ? 0 : undefined)),
      )
    },
  },
]
