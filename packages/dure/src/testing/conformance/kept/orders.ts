import type { CommitOutcome, StreamId } from '../../../ports/event-store.ts'
import type {
  AggregateTables,
  Cell,
  ChildTable,
  KeptAggregate,
  StateChange,
  StateColumn,
  StateRows,
} from '../../../ports/state-store.ts'
import type { ContextStore } from '../../../ports/store.ts'
import { append, order, unit } from '../harness.ts'

// An aggregate that two releases keep in tables, the later with a column and a table more; and one kept as events.

const column = (name: string, kind: StateColumn['kind'], indexed = false): StateColumn => ({
  name,
  kind,
  indexed,
})

const child = (name: string, keys: readonly string[], columns: readonly StateColumn[]): ChildTable => ({
  name,
  tenant: 'tenant',
  keys: ['id', ...keys],
  ordinal: 'ordinal',
  columns,
})

const tablesBefore: AggregateTables = {
  derived: true,
  root: {
    name: 'order',
    tenant: 'tenant',
    keys: ['id'],
    version: 'version',
    shape: 'shape',
    columns: [column('customer', 'text', true), column('total', 'integer')],
  },
  children: [
    child('order_lines', ['line_id'], [column('product', 'text'), column('quantity', 'integer')]),
    { ...child('order_lines_parts', ['line_id', 'part_id'], [column('weight', 'number')]), parent: 0 },
  ],
}

const tables: AggregateTables = {
  ...tablesBefore,
  root: { ...tablesBefore.root, columns: [...tablesBefore.root.columns, column('note', 'text')] },
  children: [...tablesBefore.children, child('order_remarks', ['remark_id'], [column('text', 'text')])],
}

const cart: KeptAggregate = { aggregate: 'Cart', shape: 'c1' }

/** How the release before keeps them. */
export const keptBefore: readonly KeptAggregate[] = [
  { aggregate: 'Order', shape: 's1', tables: tablesBefore },
  cart,
]

/** How this release keeps them. */
export const kept: readonly KeptAggregate[] = [{ aggregate: 'Order', shape: 's2', tables }, cart]

type Rows = readonly (readonly Cell[])[]

/** The rows of an order: customer, total and note; then lines, parts and remarks. */
export function orderRows(
  root: readonly Cell[] = ['ann', 1, null],
  lines: Rows = [],
  parts: Rows = [],
  remarks: Rows = [],
): StateRows {
  return { root, children: [lines, parts, remarks] }
}

/** Rows written without knowing those there. */
export function whole(from: number, { root, children }: StateRows): StateChange {
  return { from, root, children: children.map((upserts) => ({ upserts, removes: [] })), whole: true }
}

/** Some of the rows written: for each child table what is put in and the keys of what goes. */
export function difference(
  from: number,
  root: readonly Cell[],
  ...children: readonly { readonly upserts?: Rows; readonly removes?: Rows }[]
): StateChange {
  const all = [0, 1, 2].map((i) => ({ upserts: [], removes: [], ...children[i] }))
  return { from, root, children: all, whole: false }
}

/** All rows of an aggregate removed. */
export function gone(from: number): StateChange {
  return { from, children: [0, 1, 2].map(() => ({ upserts: [], removes: [] })), whole: false }
}

/** One event with a change of the rows. */
export function commitState(
  store: ContextStore,
  expected: number,
  state: StateChange,
  stream: StreamId = order('1'),
): Promise<CommitOutcome> {
  return store.commit(unit([{ ...append(stream, expected), state, ends: state.root === undefined }]))
}

/** What a load of the whole stream sees; of the events, their versions. */
export async function loaded(store: ContextStore, stream: StreamId = order('1')): Promise<object> {
  const { version, ended, events, baseline, row } = await store.readHistory(stream)
  return {
    version,
    ended,
    events: events.map((it) => it.data['n']),
    ...(baseline && { at: baseline.version, rows: 'rows' in baseline ? byParent(baseline.rows) : baseline }),
    ...(row !== undefined && { row }),
  }
}

/** Only the order inside each list is promised, not which of several lists comes first. */
export function byParent({ root, children }: StateRows): StateRows {
  return { root, children: children.map((rows, i) => rows.toSorted((a, b) => compareParents(a, b, i))) }
}

function compareParents(a: readonly Cell[], b: readonly Cell[], table: number): number {
  if (table !== 1) return 0
  const [left, right] = [String(a[0]), String(b[0])]
  return left < right ? -1 : Number(left > right)
}
