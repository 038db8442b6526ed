import type { Note } from '../model/orders.ts'

/** A command of the load and what became of it. */
export interface SentCommand {
  readonly mark: string
  readonly lane: string
  readonly kind: 'place' | 'line' | 'slow-line'
  /** The order it is for; of a placed one, once it is known. */
  order: string | undefined
  readonly account: string | undefined
  readonly name: string | undefined
  readonly amount: number
  readonly note: Note
  /** Will be taken back by the restore. */
  readonly doomed: boolean
  readonly sentAt: number
  tries: number
  answer: Answer | undefined
}

/** The one answer that counts; until it has come the command is in doubt and sent again under its key. */
export type Answer =
  | { readonly ok: true; readonly id: string; readonly version: number }
  | { readonly ok: false; readonly rejected: string }
