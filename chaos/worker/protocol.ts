import type { ConsumerStatus, Host } from 'dure/host'

/** What a worker is told at its start, as JSON in its first argument. */
export interface WorkerSettings {
  readonly port: number
  /** Where the context Orders is kept. */
  readonly orders: string
  /** Where the others are. */
  readonly rest: string
  readonly nats: string | undefined
  readonly plant: Plant | undefined
  /** The contexts of this process, and where the others answer; all are here when absent. */
  readonly split?: { readonly here: readonly string[]; readonly elsewhere: Readonly<Record<string, string>> }
}

/** Bugs that can be put into a worker from outside, to see that the audit finds them. */
export const plants = {
  'ack-before-commit': 'answers a command before what it decided is durable',
  'no-inbox': 'stores the effects of an event without the mark that says it is handled',
  'id-greater-last': 'reads the log by `position > last`, without waiting for open transactions',
  'no-epoch': 'takes a log that was restored for the one that it was',
} as const

export type Plant = keyof typeof plants

/** What the run asks of a worker. */
export interface Question {
  readonly id: number
  readonly ask: 'settle' | 'status'
}

export type Relays = ReturnType<Host['relays']>

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answer'
      readonly id: number
      readonly status: readonly ConsumerStatus[]
      readonly relays: Relays
    }
