import type { JsonObject } from '../kernel/json.ts'
import type { StreamId } from './event-store.ts'

/** What a column holds. Cells are as their codec encodes them, but `json`, whose cell is the JSON text. */
export type ColumnKind =
  | 'text'
  /** A whole number that a JavaScript number holds exactly. */
  | 'integer'
  | 'number'
  | 'boolean'
  /** A whole number of any size, as a text of digits. */
  | 'bigInt'
  /** An instant, as an ISO 8601 text in UTC with milliseconds. */
  | 'instant'
  /** Bytes, as base64. */
  | 'bytes'
  | 'json'

/** One value of a row; null where there is none. */
export type Cell = string | number | boolean | null

/** A column that holds a part of the state. */
export interface StateColumn {
  readonly name: string
  readonly kind: ColumnKind
  /** It holds the id of another aggregate: worth an index. */
  readonly indexed: boolean
}

/** One table. Names are as the database has them, unquoted. */
export interface StateTable {
  /** The schema; absent for the context's own. */
  readonly schema?: string
  readonly name: string
  /** Absent in a table that knows no tenants: it takes the tenant `''` only. */
  readonly tenant?: string
  /** The id of the aggregate, then for a list of entities the ids from the outermost list to this one's own. */
  readonly keys: readonly string[]
  readonly columns: readonly StateColumn[]
}

/** The table of the roots. */
export interface RootTable extends StateTable {
  /** Version of the aggregate that the row shows. */
  readonly version: string
  /** Shape that the row was written in; see `KeptAggregate.shape`. */
  readonly shape: string
}

/** The table of a list of entities, inside the root or inside the entities of another. */
export interface ChildTable extends StateTable {
  /** Place in the list, from 0. */
  readonly ordinal: string
  /** Index of the table of the entities that hold the list, among `AggregateTables.children`; absent: the root. */
  readonly parent?: number
}

/** Where the state of an aggregate stands. */
export interface AggregateTables {
  readonly root: RootTable
  /** Parents before their children. */
  readonly children: readonly ChildTable[]
  /** Made and altered by Dure; else the tables are somebody's own, and only what Dure needs is added to them. */
  readonly derived: boolean
}

/** How a store keeps one aggregate, besides its events. */
export interface KeptAggregate {
  readonly aggregate: string
  /** Names the states that this program can go on from. Rows and snapshots of another shape are passed over. */
  readonly shape: string
  /** Absent for an aggregate kept as events alone. */
  readonly tables?: AggregateTables
}

/** The state of one aggregate as rows. */
export interface StateRows {
  /** In the order of the root's columns. */
  readonly root: readonly Cell[]
  /** Per child table its rows in the order of the list: keys below the root, the ordinal, then the columns. */
  readonly children: readonly (readonly (readonly Cell[])[])[]
}

/** How the rows of one aggregate change with its events. */
export interface StateChange {
  /**
   * Version that the row shows, 0 where there is no row. Another one refuses the commit, and so does another shape than the
   * store's unless the rows are written whole: a difference is one to rows of this shape.
   */
  readonly from: number
  /** The row is there already, in somebody else's table and without a version: it is taken over. */
  readonly adopts?: boolean
  /** Absent once the aggregate has ended: all its rows are removed. */
  readonly root?: readonly Cell[]
  readonly children: readonly {
    /** As in {@link StateRows}. */
    readonly upserts: readonly (readonly Cell[])[]
    /** Keys below the root. */
    readonly removes: readonly (readonly Cell[])[]
  }[]
  /** The rows are written without knowing those there: child rows that are not among the upserts are removed. */
  readonly whole: boolean
}

/** A value that only one aggregate of its kind may have, such as an e-mail address. */
export interface Claim {
  /** Name of the rule. */
  readonly name: string
  readonly value: string
}

/** A state to go on from. */
export interface Snapshot {
  readonly version: number
  readonly shape: string
  readonly state: JsonObject
}

/** A stream among all of its aggregate. */
export interface StreamStanding {
  readonly stream: StreamId
  readonly version: number
  readonly ended: boolean
  /** Where the aggregate is kept in tables and has a row: the version and shape that it shows. */
  readonly row?: { readonly version: number; readonly shape: string }
}

/** What a store keeps of aggregates besides their events. Rows and claims change in the commit of the events. */
export interface StateStore {
  /**
   * Whether what is remembered of an aggregate is its present state: rows as they were read, or written, at `version`. True
   * where the stream is still at that version and has not ended, and the commit of that version was the last to write the
   * root's row, in this opening's shape. False wherever that is not so or cannot be told for little: read then.
   */
  isCurrent(stream: StreamId, version: number): Promise<boolean>
  /** Keeps a state to go on from, for an aggregate without tables. A later one of the same shape is left alone. */
  keepSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void>
  /** The streams of an aggregate by tenant and id (bytewise), from the first after `after`. */
  listStreams(
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly StreamStanding[]>
  /**
   * The rows of somebody else's table that show no version, by tenant and id (bytewise), from the first after `after`:
   * their history has not begun.
   */
  listUnkept(
    aggregate: string,
    after: StreamId | undefined,
    limit: number,
  ): Promise<readonly { readonly stream: StreamId; readonly rows: StateRows }[]>
  /** Writes the rows of a stream without an event; false if the stream is not at `version`, or its row not at `from`. */
  keepState(stream: StreamId, version: number, change: StateChange): Promise<boolean>
  /**
   * Makes these the claims of a stream, without an event; what else it held is free. False if the stream is not at
   * `version`. Where another aggregate holds one, nothing is changed and that one is the answer.
   */
  keepClaims(
    stream: StreamId,
    version: number,
    claims: readonly Claim[],
  ): Promise<boolean | { readonly claim: Claim; readonly holder: string }>
  /** The id of the aggregate that holds a claim. */
  findClaim(tenant: string, aggregate: string, claim: Claim): Promise<string | undefined>
}
