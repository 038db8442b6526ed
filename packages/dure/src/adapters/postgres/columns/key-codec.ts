import { codecFor, type ColumnCodec, Unfit } from './column-codec.ts'
import type { FoundColumn } from './found-column.ts'

/** How ids go to a column and come back. What it encodes can be compared with the column without an error. */
export interface KeyCodec extends ColumnCodec {
  /** The expression for an expression of a text, null where the text cannot be in the column. */
  convert(text: string): string
}

const bits: Readonly<Record<string, number>> = { int2: 16, int4: 32, int8: 64 }
const wholeNumber = /^(?:0|-?[1-9]\d*)$/

/** For what a text can be, and for whole numbers whose usual text is the id. */
export function keyCodecFor(column: FoundColumn): KeyCodec | undefined {
  const size = bits[column.type]
  if (size !== undefined) return integerKey(column.sqlType, size)
  const codec = column.isEnum ? undefined : codecFor('text', column)
  return codec && { ...codec, convert: column.type === 'uuid' ? toUuid : (it) => `${it}::${column.sqlType}` }
}

function integerKey(sqlType: string, size: number): KeyCodec {
  return {
    sqlType,
    select: (it) => `${it}::text`,
    encode(cell) {
      const text = String(cell)
      const fits = wholeNumber.test(text) && BigInt.asIntN(size, BigInt(text)) === BigInt(text)
      return fits ? text : new Unfit(`${text} is no whole number that fits`)
    },
    decode: String,
    verbatim: true,
    // A CASE in a CASE, because the sides of AND are evaluated in any order.
    convert: (it) => `case when ${it} ~ '^(0|-?[1-9][0-9]{0,18})$' then
    case when ${it}::numeric between -9223372036854775808 and 9223372036854775807 then ${it}::bigint end end`,
  }
}

function toUuid(it: string): string {
  return `case when ${it} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${it}::uuid end`
}
