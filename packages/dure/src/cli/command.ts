import type { Paint } from './paint.ts'

/** What a command gets from the process. */
export interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** To the standard output: what was asked for. */
  readonly out: (text: string) => void
  /** To the standard error: everything else. */
  readonly err: (text: string) => void
  readonly paint: Paint
  readonly paintError: Paint
}

/** An option of a command. */
export interface Option {
  readonly type: 'boolean' | 'string'
  readonly short?: string
  /** It may be given more than once: its values are in `lists`. */
  readonly multiple?: true
  /** What a value is called in the usage. */
  readonly value?: string
  readonly about: string
}

/** What was given on the command line. */
export interface Given {
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  /** What was given for options that may be given more than once. */
  readonly lists: Readonly<Record<string, readonly string[]>>
  readonly arguments: readonly string[]
  /** What came after `--`: for the program. */
  readonly rest: readonly string[]
}

/** One command of the CLI. */
export interface Command {
  readonly name: string
  /** One line for the list. */
  readonly about: string
  /** `[entry]`: what stands after the name. */
  readonly takes: string
  /** How many arguments at most. */
  readonly most: number
  readonly options: Readonly<Record<string, Option>>
  /** More for `--help`. */
  readonly details: string
  /** Resolves to the exit code; undefined leaves the process to the program that was started. */
  run(given: Given, around: Surroundings): Promise<number | undefined>
}

/** Exit codes: all well, something was found or failed, the command line was not understood. */
export const exits = { ok: 0, failed: 1, usage: 2 } as const

/** The option of every command that can answer in JSON. */
export const jsonOption: Option = { type: 'boolean', about: 'print JSON instead of text' }
