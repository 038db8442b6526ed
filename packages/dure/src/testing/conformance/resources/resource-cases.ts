import assert from 'node:assert/strict'
import { isDureError } from '../../../kernel/error.ts'

/** One thing that a client of a resource promises. */
export interface ResourceCase<C> {
  readonly name: string
  run(client: C): Promise<void>
}

/** A client to try, and how it is called in the names of the tests. */
export interface ResourceHarness<C> {
  readonly name: string
  readonly open: () => Promise<C> | C
}

/** The test function of any runner. */
export type Register = (name: string, run: () => Promise<void>) => unknown

/** Registers every case with the test function of any runner. */
export function registerCases<C>(
  { name, open }: ResourceHarness<C>,
  cases: readonly ResourceCase<C>[],
  it: Register,
): void {
  for (const each of cases) it(`${name}: ${each.name}`, async () => each.run(await open()))
}

let counter = 0

/** A word that no other run has used: servers are shared. */
export function fresh(word: string): string {
  return `${word}-${process.pid}-${Date.now().toString(36)}-${++counter}`
}

export async function refused(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => isDureError(error, code) || assert.fail(String(error)))
}
