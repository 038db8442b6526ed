/** A column as the catalog has it, a domain as the type below it. */
export interface FoundColumn {
  readonly name: string
  /** The type's own name: `int8`, `citext`. */
  readonly type: string
  /** Qualified and quoted, without length or scale: a cast to it neither cuts nor rounds. */
  readonly sqlType: string
  readonly isEnum: boolean
  /** Length, precision and scale as the type packs them, -1 for none. */
  readonly modifier: number
  /** As `\d` shows it, for messages. */
  readonly shown: string
}
