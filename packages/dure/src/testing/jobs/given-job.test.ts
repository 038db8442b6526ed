import { job, poller } from 'dure'
import { givenJob, givenPoller, issued } from 'dure/testing'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { Note } from '../../../test/fixtures/office.ts'

interface Item {
  readonly id: string
  readonly old: boolean
}

let asked = 0
const stamp = job('stamp', { takes: { word: z.string() } })
  .reads(() => ({ items: [] as Item[] }), { key: (item) => item.id })
  .issues({ stamp: Note.commands.stamp, lock: Note.commands.lock })
  .do((item, { input, due }, { stamp: put }) =>
    item.old ? put(item.id as never, { stamp: `${input.word} ${due.getUTCFullYear()}` }) : [],
  )
  .rejected((no, _, __, { lock }) => lock(no.id))

it('a job is told an item and its run, and what it issues is told', () => {
  const given = givenJob(stamp)
  given
    .when({ id: 'n-1', old: true }, { input: { word: 'paid' }, due: '2031-05-01T00:00:00Z' })
    .thenIssues(issued(Note.commands.stamp, 'n-1', { stamp: 'paid 2031' }))
  given.when({ id: 'n-1', old: false }, { input: { word: 'paid' } }).thenNothing()
  given
    .whenRejected(
      { command: 'stamp', rejected: 'Locked' },
      { id: 'n-1', old: true },
      { input: { word: 'x' } },
    )
    .thenIssues(issued(Note.commands.lock, 'n-1'))
})

it('another command, an input that the job does not take and a job that is not pure are told', () => {
  const given = givenJob(stamp)
  expect(() => given.when({ id: 'n-1', old: true }, { input: { word: 'x' } }).thenNothing()).toThrow(
    'the job "stamp" issued other commands',
  )
  expect(() => given.when({ id: 'n-1', old: true })).toThrow('the job "stamp" is not valid: /word')
  const impure = job('impure')
    .reads(() => ({ items: ['a'] }), { key: String })
    .issues({ write: Note.commands.write })
    .do((_, __, { write }) => write({ text: `${asked++}` }))
  expect(() => givenJob(impure).when('a')).toThrow('the job "impure" is not pure')
  expect(() => givenJob(impure).whenRejected({ command: 'write' } as never, 'a')).toThrow('has no .rejected')
})

it('a poller likewise', () => {
  const lines = poller('lines', { every: '1m', from: () => ({ items: ['a'], cursor: '' }), key: String })
    .issues({ write: Note.commands.write })
    .do((text, _, { write }) => write({ text }))
  givenPoller(lines)
    .when('a')
    .thenIssues(issued(Note.commands.write, { text: 'a' }))
})
