import type { Cell, ColumnKind } from '../../../ports/state-store.ts'
import { checkText, jsonText } from '../../../ports/storable.ts'
import type { FoundColumn } from './found-column.ts'
import { fromMilliseconds, losesMilliseconds, toTimestamp } from './instant.ts'

/** How the cells of one column go to PostgreSQL and come back, the same for any settings of the session. */
export interface ColumnCodec {
  /** What a parameter of the column is cast to. */
  readonly sqlType: string
  /** The expression that reads it, as a text or for an array of JSON. */
  select(column: string): string
  /** The text of a parameter. */
  encode(cell: NonNullable<Cell>): string | Unfit
  /** What `select` gave, as a text or a value of JSON. */
  decode(value: NonNullable<Cell>): Cell | Unfit
  /** `decode` leaves a text as it is. */
  readonly verbatim: boolean
}

/** A value that does not fit, and why. */
export class Unfit {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

const types: Readonly<Record<ColumnKind, readonly string[]>> = {
  text: ['text', 'varchar', 'bpchar', 'uuid', 'citext'],
  integer: ['int8', 'int4', 'int2', 'numeric'],
  number: ['float8', 'numeric'],
  boolean: ['bool'],
  bigInt: ['numeric', 'int8'],
  instant: ['timestamptz'],
  bytes: ['bytea'],
  json: ['jsonb', 'json'],
}

/** The type that Dure gives a column of its own, and names when one is missing. */
export const ownTypes: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  bigInt: 'numeric',
  instant: 'timestamp with time zone',
  bytes: 'bytea',
  json: 'jsonb',
}

/** The codec of a column for what a field holds; undefined if the type cannot hold it. */
export function codecFor(kind: ColumnKind, column: FoundColumn): ColumnCodec | undefined {
  const fits = types[kind].includes(column.type) || (kind === 'text' && column.isEnum)
  if (!fits || (column.type === 'numeric' && scaleOf(column) < 0)) return undefined
  const { encode, decode, select } = codecs[kind](column)
  return { sqlType: column.sqlType, select, encode, decode, verbatim: decode === String }
}

type Coding = Omit<ColumnCodec, 'sqlType' | 'verbatim'>

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const codecs: Readonly<Record<ColumnKind, (column: FoundColumn) => Coding>> = {
  text: (column) => ({
    select: (it) => (column.type === 'text' ? it : `${it}::text`),
    encode: (cell) => encodeText(column, String(cell)),
    decode: String,
  }),
  integer: () => ({
    // As a text, or JSON.parse would round what no number holds before anybody could see it.
    select: (it) => `${it}::text`,
    encode: String,
    decode(value) {
      const number = Number(value)
      return Number.isSafeInteger(number) ? number : new Unfit(`${value} is no whole number that fits`)
    },
  }),
  number: (column) =>
    column.type === 'float8'
      ? { select: (it) => `encode(float8send(${it}), 'hex')`, encode: String, decode: fromHex }
      : {
          select: (it) => `${it}::text`,
          encode: (cell) => encodeDecimal(scaleOf(column), Number(cell)),
          decode: (value) => finite(Number(value)),
        },
  boolean: () => ({
    select: (it) => `${it}::text`,
    encode: String,
    decode: (value) => value === 'true',
  }),
  bigInt: () => ({
    select: (it) => `${it}::text`,
    encode: String,
    decode: (value) =>
      /^-?\d+(?:\.0+)?$/.test(String(value))
        ? (String(value).split('.', 1)[0] ?? null)
        : new Unfit(`${value} is no whole number`),
  }),
  instant: ({ modifier }) => ({
    // Exact, where date_part would round the milliseconds of far years.
    select: (it) => `(extract(epoch from ${it}) * 1000)::text`,
    encode(cell) {
      const text = String(cell)
      if (modifier < 0 || !losesMilliseconds(text, modifier)) return toTimestamp(text)
      return new Unfit(`${text} has more digits than the column`)
    },
    decode: (value) => fromMilliseconds(Number(value)) ?? new Unfit(`${value} is beyond every date`),
  }),
  bytes: () => ({
    // The server breaks the lines of base64.
    select: (it) => `replace(encode(${it}, 'base64'), chr(10), '')`,
    encode: (cell) => `\\x${Buffer.from(String(cell), 'base64').toString('hex')}`,
    decode: String,
  }),
  json: () => ({ select: (it) => `${it}::text`, encode: (cell) => encodeJson(String(cell)), decode: String }),
}

/** What the server would cut or change without a word is refused. */
function encodeText({ type, modifier }: FoundColumn, text: string): string | Unfit {
  checkText('text of a state', text)
  if (type === 'text') return text
  if (type === 'uuid') return uuid.test(text) ? text : new Unfit('it is not a UUID in small letters')
  if (type === 'bpchar' && text.endsWith(' ')) return new Unfit('the column drops spaces at the end')
  const most = modifier - 4
  if (modifier >= 4 && text.length > most && Array.from(text).length > most) {
    return new Unfit(`it is longer than ${most} characters`)
  }
  return text
}

function encodeJson(text: string): string {
  // The events have been looked through; this is for what evolve functions made of them.
  if (text.includes('\\u') || !text.isWellFormed()) jsonText('state', JSON.parse(text))
  return text
}

function encodeDecimal(scale: number, value: number): string | Unfit {
  if (scale > 100 || Number(value.toFixed(scale)) === value) return String(value)
  return new Unfit(`${value} has more than ${scale} decimal places`)
}

function fromHex(value: Cell): Cell | Unfit {
  return finite(Buffer.from(String(value), 'hex').readDoubleBE())
}

function finite(value: number): number | Unfit {
  return Number.isFinite(value) ? value : new Unfit(`${value} is no number`)
}

/** Places behind the point; as many as there can be where none is told. Below zero the column rounds whole numbers. */
function scaleOf({ modifier }: Pick<FoundColumn, 'modifier'>): number {
  return modifier < 4 ? Number.POSITIVE_INFINITY : (((modifier - 4) & 0x7ff) ^ 1024) - 1024
}
